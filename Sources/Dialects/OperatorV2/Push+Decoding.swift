public import Messaging

extension OperatorV2 {
    /// What a carrier pushed. A form may hold its list encoded or as printed; a JSON or XML body is read too.
    /// - Throws: `malformedJSON`, `malformedXML`, `malformedForm`; `parameterMissing` or `parameterInvalid` when it is
    ///   unclear what is pushed.
    public static func decodePush(
        format: BodyFormat, body: UnsafeRawBufferPointer
    ) throws(Rejection) -> ReceivedPush {
        let bytes = WireBytes(body)
        var fields = PushFields()
        switch format {
        case .json:
            var reader = JSONReader(ofCarrier: bytes)
            try fields.read(&reader)
        case .xml:
            var reader = XMLReader(ofCarrier: bytes)
            try fields.read(&reader)
        case .form:
            try fields.readForm(bytes)
        }
        return try fields.push()
    }
}

extension OperatorV2 {
    /// As `decodePush(format:body:)`, in the format that the body itself shows, whatever its Content-Type is. Who
    /// acknowledges a push and who reads it later must agree on that.
    /// - Throws: the same.
    public static func decodePush(sniffing body: UnsafeRawBufferPointer) throws(Rejection) -> ReceivedPush {
        try decodePush(format: BodyFormat(sniffing: WireBytes(body)), body: body)
    }
}

extension OperatorV2.PushAnswer {
    /// Reads the receiver's JSON.
    /// - Throws: `Rejection.malformedJSON`, also when there is no `result`.
    public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
        var reader = JSONReader(WireBytes(body), allowsBareWords: true)
        var sequence = ""
        var result: Int64?
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if name.equals("seqid") || name.equals("seqId") {
                sequence = try reader.value().codeText
            } else if name.equals("result") {
                result = try reader.value().integer
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        guard let result else { throw .malformedJSON }
        self.init(sequence: sequence, result: Int(result))
    }
}

private struct PushFields {
    private enum Field {
        case userID, password, timestamp, command, sequence

        init?(_ name: WireBytes) {
            if name.equals("userid") {
                self = .userID
            } else if name.equals("pwd") {
                self = .password
            } else if name.equals("timestamp") {
                self = .timestamp
            } else if name.equals("cmd") {
                self = .command
            } else if name.equals("seqid") || name.equals("seqId") {
                self = .sequence
            } else {
                return nil
            }
        }
    }

    private var credentials = OperatorV2.Credentials()
    private var command = ""
    private var sequence = ""
    private var reports: [CarrierReport]?
    private var replies: [CarrierReply]?

    mutating func read(_ reader: inout some FieldReader) throws(Rejection) {
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if let field = Field(name) {
                set(field, try reader.value())
            } else if name.equals("rpts") {
                reports = try CarrierReport.list(&reader)
            } else if name.equals("mos") {
                replies = try CarrierReply.list(&reader)
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
    }

    mutating func readForm(_ bytes: WireBytes) throws(Rejection) {
        var reader = FormReader(bytes)
        var hasValue = false
        while let pair = reader.next() {
            if pair.hasValue { hasValue = true }
            if let field = pair.name.withBytes({ Field($0) }) {
                set(field, FormReader.plain(pair.value))
            } else if pair.name.withBytes({ $0.equals("rpts") }) {
                reports = try Self.list(pair.value)
            } else if pair.name.withBytes({ $0.equals("mos") }) {
                replies = try Self.list(pair.value)
            }
        }
        guard hasValue else { throw .malformedForm }
    }

    private static func list<Record: CarrierRecord>(_ value: WireBytes) throws(Rejection) -> [Record] {
        if FormReader.isJSONAsPrinted(value) { return try Record.list(json: value) }
        return try PercentCoding.decodeLeniently(value).withUnsafeBufferPointer { bytes throws(Rejection) in
            try Record.list(json: bytes)
        }
    }

    private mutating func set(_ field: Field, _ value: WireText) {
        let text = value.codeText
        switch field {
        case .userID: credentials.userID = text.uppercased()
        case .password: credentials.password = text
        case .timestamp: credentials.timestamp = text
        case .command: command = text.uppercased()
        case .sequence: sequence = text
        }
    }

    func push() throws(Rejection) -> OperatorV2.ReceivedPush {
        let content: OperatorV2.ReceivedPush.Content
        switch (OperatorV2.PushCommand(rawValue: command), reports, replies) {
        case (.reports?, let reports?, _): content = .reports(reports)
        case (.replies?, _, let replies?): content = .replies(replies)
        case (.reports?, nil, _): throw .parameterMissing("rpts")
        case (.replies?, _, nil): throw .parameterMissing("mos")
        case (nil, _, _) where command.isEmpty: throw .parameterMissing("cmd")
        case (nil, _, _): throw .parameterInvalid("cmd")
        }
        return OperatorV2.ReceivedPush(credentials: credentials, sequence: sequence, content: content)
    }
}
