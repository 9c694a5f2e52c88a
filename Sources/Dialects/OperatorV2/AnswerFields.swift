import Messaging

/// A carrier's answer to any operation, in JSON or XML, whichever the body is.
struct AnswerFields {
    var result = 0
    var messageID: Int64 = 0
    var customID = ""
    var reports: [CarrierReport] = []
    var replies: [CarrierReply] = []
    var chargeType = 0
    var balance: Int64 = 0
    var money = Money.zero

    init(_ body: UnsafeRawBufferPointer) throws(Rejection) {
        let bytes = WireBytes(body).withoutMark.trimmed
        if bytes.first == UInt8(ascii: "<") {
            var reader = XMLReader(ofCarrier: bytes)
            guard try read(&reader) else { throw .malformedXML }
        } else {
            var reader = JSONReader(ofCarrier: bytes)
            guard try read(&reader) else { throw .malformedJSON }
        }
    }

    /// False when there is no `result`.
    private mutating func read(_ reader: inout some FieldReader) throws(Rejection) -> Bool {
        var hasResult = false
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if name.equals("result") {
                guard let value = try reader.value().integer else { return false }
                result = Int(value)
                hasResult = true
            } else if name.equals("msgid") {
                messageID = try reader.value().integer ?? 0
            } else if name.equals("custid") {
                customID = try reader.value().codeText
            } else if name.equals("rpts") {
                reports = try CarrierReport.list(&reader)
            } else if name.equals("mos") {
                replies = try CarrierReply.list(&reader)
            } else if name.equals("chargetype") {
                chargeType = Int(try reader.value().integer ?? 0)
            } else if name.equals("balance") {
                balance = try reader.value().integer ?? 0
            } else if name.equals("money") {
                money = Money(try reader.value().trimmedText) ?? .zero
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        return hasResult
    }
}
