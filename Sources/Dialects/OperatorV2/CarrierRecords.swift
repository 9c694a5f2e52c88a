import Messaging

/// An entry of `rpts` or `mos`.
protocol CarrierRecord {
    /// Reads the record that `reader` has stepped into.
    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection)
}

extension CarrierRecord {
    /// The list that is the value of a field; empty where the value is an empty text or missing.
    static func list(_ reader: inout some FieldReader) throws(Rejection) -> [Self] {
        switch try reader.enterList() {
        case .entered:
            return try items(&reader)
        case .text(let text):
            return try text.withBytes { bytes throws(Rejection) in try list(json: bytes) }
        }
    }

    /// The list that is a JSON text of its own.
    static func list(json bytes: WireBytes) throws(Rejection) -> [Self] {
        guard !bytes.trimmed.isEmpty else { return [] }
        var reader = JSONReader(ofCarrier: bytes)
        try reader.enterOutermostList()
        let list = try items(&reader)
        try reader.finish()
        return list
    }

    private static func items(_ reader: inout some FieldReader) throws(Rejection) -> [Self] {
        var list: [Self] = []
        var times = ChinaTimeReader()
        while try reader.nextItem() {
            try CarrierBounds.check(list.count)
            list.append(try Self(&reader, &times))
        }
        return list
    }
}

extension CarrierReport: CarrierRecord {
    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        self.init(customID: "", carrierID: nil, segmentNumber: nil, mobile: "", status: .missing)
        var code: DeliveryStatus?
        var state: Int64?
        while let name = try reader.nextName() {
            if name.equals("msgid") {
                carrierID = try reader.value().integer
            } else if name.equals("custid") {
                customID = try reader.value().codeText
            } else if name.equals("pknum") {
                segmentNumber = try reader.value().count
            } else if name.equals("pktotal") {
                segmentTotal = try reader.value().count ?? 1
            } else if name.equals("mobile") {
                mobile = try reader.value().numberText
            } else if name.equals("rtime") {
                reportedAt = times.read(try reader.value())
            } else if name.equals("status") {
                state = try reader.value().integer
            } else if name.equals("errcode") {
                code = Self.status(try reader.value())
            } else if name.equals("errdesc") {
                detail = try reader.value().wordsText
            } else {
                try reader.skipValue()
            }
        }
        status = Self.status(state, code)
    }

    /// `status` decides between delivered (0) and failed, `errcode` says how it failed, or that nothing is final yet
    /// (INTERFACE.md, What we settled). Where `status` is missing, `errcode` is taken for it; where both are,
    /// nothing is said of the message.
    private static func status(_ state: Int64?, _ code: DeliveryStatus?) -> DeliveryStatus {
        switch state {
        case 0?: code.flatMap { $0.isFinal ? nil : $0 } ?? .delivered
        case _?: code.flatMap { $0.isDelivered || !$0.isFinal ? nil : $0 } ?? .undeliverable
        case nil: code ?? .missing
        }
    }

    private static func status(_ value: WireText) -> DeliveryStatus? {
        value.withBytes { bytes in
            if bytes.equals("DELIVRD") { return .delivered }
            let code = bytes.trimmed
            return code.isEmpty ? nil : DeliveryStatus(code.string)
        }
    }
}

extension CarrierReply: CarrierRecord {
    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        self.init(carrierID: nil, mobile: "", accessNumber: "", content: "")
        while let name = try reader.nextName() {
            if name.equals("msgid") {
                carrierID = try reader.value().integer
            } else if name.equals("mobile") {
                mobile = try reader.value().numberText
            } else if name.equals("spno") {
                accessNumber = try reader.value().numberText
            } else if name.equals("rtime") {
                receivedAt = times.read(try reader.value())
            } else if name.equals("content") {
                content = ContentText.reply(try reader.value())
            } else {
                try reader.skipValue()
            }
        }
    }
}

extension WireText {
    /// A number of segments; nil for what cannot be one.
    fileprivate var count: Int? {
        guard let integer, (1...255).contains(integer) else { return nil }
        return Int(integer)
    }
}
