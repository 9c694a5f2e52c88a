public import Messaging

/// What a carrier's answer to a fetch shows without its records being read: an answer that holds none may be a
/// refusal, however long the words are that come with it.
public struct FetchHead: Hashable, Sendable {
    /// The dialect's own code, trimmed. Empty where it is missing, or may follow the records.
    public var code: String
    /// Whether the list has at least one record.
    public var hasRecords: Bool

    /// Reads up to the first record.
    /// - Parameters:
    ///   - code: the name of the code's field.
    ///   - lists: the names that the list of records may have.
    ///   - codeOfList: what the code is taken to be where there is a list and none.
    /// - Throws: what the reader does, and `malformedJSON` where there is neither code nor record.
    init(
        _ reader: inout some FieldReader, code codeName: StaticString, lists: [StaticString], codeOfList: String = ""
    ) throws(Rejection) {
        (code, hasRecords) = ("", false)
        var hasList = false
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if name.equals(codeName) {
                code = try reader.value().codeText
            } else if lists.contains(where: { name.equals($0) }) {
                hasList = true
                hasRecords = try Self.holdsRecord(&reader)
                if hasRecords { return }
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        if code.isEmpty, hasList { code = codeOfList }
        if code.isEmpty { throw .malformedJSON }
    }

    /// Looks into the list that is a field's value; one with a record is not read to its end.
    private static func holdsRecord(_ reader: inout some FieldReader) throws(Rejection) -> Bool {
        switch try reader.enterList() {
        case .entered: try reader.nextItem()
        // The list may be a JSON text of its own.
        case .text(let text): !["", "[]"].contains(text.trimmedText)
        }
    }
}

extension OperatorV2 {
    /// - Throws: `malformedJSON`, `malformedXML`.
    public static func fetchHead(_ body: UnsafeRawBufferPointer) throws(Rejection) -> FetchHead {
        let bytes = WireBytes(body).withoutMark.trimmed
        if bytes.first == UInt8(ascii: "<") {
            var reader = XMLReader(ofCarrier: bytes)
            return try FetchHead(&reader, code: "result", lists: ["rpts", "mos"])
        }
        var reader = JSONReader(ofCarrier: bytes)
        return try FetchHead(&reader, code: "result", lists: ["rpts", "mos"])
    }
}

extension ApiV1 {
    /// - Throws: `malformedJSON`.
    public static func fetchHead(_ body: UnsafeRawBufferPointer) throws(Rejection) -> FetchHead {
        var reader = JSONReader(WireBytes(body), replacesHalves: true)
        return try FetchHead(&reader, code: "code", lists: ["data"])
    }
}

extension Enterprise {
    /// - Throws: `malformedJSON`.
    public static func fetchHead(_ body: UnsafeRawBufferPointer) throws(Rejection) -> FetchHead {
        var reader = JSONReader(ofCarrier: WireBytes(body))
        return try FetchHead(&reader, code: "error", lists: ["returnsms", "callbox"], codeOfList: "0")
    }
}

extension Yixintong {
    /// Of an answer to a fetch of reports.
    /// - Throws: `malformedJSON`.
    public static func fetchHead(_ body: UnsafeRawBufferPointer) throws(Rejection) -> FetchHead {
        var reader = JSONReader(ofCarrier: WireBytes(body).trimmed)
        return try FetchHead(&reader, code: "code", lists: ["data"])
    }
}
