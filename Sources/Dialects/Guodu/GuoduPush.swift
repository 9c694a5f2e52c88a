public import Messaging

extension Guodu {
    /// What a carrier pushed to us; one of the two is empty, unless the carrier mixes them.
    public struct InboundPush: Hashable, Sendable {
        /// In the order of the body, each of a whole message.
        public var reports: [CarrierReport]
        /// In the order of the body.
        public var replies: [CarrierReply]

        /// Empty lists by default.
        public init(reports: [CarrierReport] = [], replies: [CarrierReply] = []) {
            self.reports = reports
            self.replies = replies
        }
    }

    /// The body of a push of at most 250 reports, each of a whole message.
    public static func encodePush(reports: [CustomerReport]) -> [UInt8] {
        var writer = JSONWriter(capacity: 8 + reports.count * 160)
        writer.openBracket()
        for report in reports {
            writer.openItem("")
            let isDelivered = report.status.isDelivered
            // The dialect has no field for the code of a failure; its words are the place.
            writer.text("msg", isDelivered ? deliveredWords : report.status.code)
            writer.text("mobile", report.mobile)
            writer.text("msgId", String(report.requestID.rawValue))
            writer.time("reportTime", report.reportedAt)
            writer.number("status", isDelivered ? 0 : 1)
            writer.closeItem("")
        }
        writer.closeBracket()
        return writer.finished()
    }

    /// The body of a push of at most 250 replies.
    public static func encodePush(replies: [CustomerReply]) -> [UInt8] {
        var writer = JSONWriter(capacity: 8 + replies.count * 240)
        writer.openBracket()
        for reply in replies {
            writer.openItem("")
            writer.text("mobile", reply.mobile)
            writer.text("content", reply.content)
            writer.time("moTime", reply.receivedAt)
            writer.text("spNumber", reply.accessNumber)
            writer.closeItem("")
        }
        writer.closeBracket()
        return writer.finished()
    }

    static let deliveredWords = "发送成功"

    /// What a carrier pushed: a list, or a single entry; the semicolon that the document prints after it does not
    /// matter. Which kind an entry is, its fields say; one with a msgId and no content is a report, also where its
    /// status is missing.
    /// - Throws: `malformedJSON`; `parameterMissing` for an entry that is neither report nor reply; `parameterInvalid`
    ///   for more than 20,000 entries.
    public static func decodePush(_ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundPush {
        var bytes = WireBytes(body).trimmed
        if bytes.last == UInt8(ascii: ";") { bytes = bytes.piece(0..<bytes.count - 1) }
        var reader = JSONReader(bytes, replacesHalves: true)
        var times = ChinaTimeReader()
        var push = InboundPush()
        if try reader.enterObjectOrList() {
            try push.append(&reader, &times)
        } else {
            while try reader.nextItem() {
                try CarrierBounds.check(push.reports.count + push.replies.count)
                try push.append(&reader, &times)
            }
        }
        try reader.finish()
        return push
    }

    /// What the receiver of a push answers, beside HTTP status 200, which alone counts.
    public static func encodePushAnswer(_ rejection: Rejection? = nil) -> [UInt8] {
        encodeFailure(code: rejection.map { resultCode(for: $0) } ?? Variant.batch.successCode)
    }
}

extension Guodu.InboundPush {
    /// Reads the entry that `reader` has stepped into.
    fileprivate mutating func append(_ reader: inout JSONReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        var mobile = ""
        var words = WireText.empty
        var (messageID, status, reportedAt) = ("", Int64?.none, Timestamp?.none)
        var (content, receivedAt, accessNumber) = (String?.none, Timestamp?.none, "")
        while let name = try reader.nextName() {
            if name.equals("mobile") {
                mobile = try reader.value().numberText
            } else if name.equals("msg") {
                words = try reader.value()
            } else if name.equals("msgId") {
                messageID = try reader.value().codeText
            } else if name.equals("reportTime") {
                reportedAt = times.read(try reader.value())
            } else if name.equals("status") {
                let value = try reader.value()
                // Anything but a number is not 0; nothing at all says nothing.
                status = value.isEmpty ? nil : value.integer ?? 1
            } else if name.equals("content") {
                content = GuoduReplyText.read(try reader.value())
            } else if name.equals("moTime") {
                receivedAt = times.read(try reader.value())
            } else if name.equals("spNumber") {
                accessNumber = try reader.value().numberText
            } else {
                try reader.skipValue()
            }
        }
        if status != nil || content == nil && !messageID.isEmpty {
            reports.append(
                CarrierReport(
                    customID: "", carrierID: nil, segmentNumber: nil, mobile: mobile,
                    status: status.map { $0 == 0 ? .delivered : Self.failure(words) } ?? .missing,
                    detail: words.wordsText, reportedAt: reportedAt, carrierKey: messageID.isEmpty ? nil : messageID))
        } else if let content {
            replies.append(
                CarrierReply(
                    carrierID: nil, mobile: mobile, accessNumber: accessNumber, content: content,
                    receivedAt: receivedAt))
        } else {
            throw .parameterMissing("status")
        }
    }

    /// The code of a failure where its words are one: `MK:0001`, `UNDELIV`.
    private static func failure(_ words: WireText) -> DeliveryStatus {
        words.withBytes { bytes in
            let code = bytes.trimmed
            let isCode = code.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
            guard isCode, !code.isEmpty else { return .undeliverable }
            let status = DeliveryStatus(code.string)
            // It failed, whatever its words are.
            return status.isDelivered || !status.isFinal ? .undeliverable : status
        }
    }
}

/// The text of a handset's reply.
private enum GuoduReplyText {
    /// As it is written; what can only be an encoded text is decoded: pure ASCII that encodes characters beyond ASCII.
    static func read(_ value: WireText) -> String {
        let decoded = value.withBytes { bytes -> String? in
            guard !bytes.hasHighBytes, PercentCoding.hasSequence(bytes), let plain = PercentCoding.decode(bytes),
                plain.contains(where: { $0 >= 0x80 })
            else { return nil }
            return TextCharset.utf8.decodeLeniently(plain)
        }
        return CarrierBounds.content(decoded ?? value.untrimmedText)
    }
}
