import Messaging

/// A request's fields, whatever its format, and what its operation makes of them.
struct RequestFields {
    private static let userIDBytesMax = 64

    private enum Field {
        case userID, password, timestamp, apiKey, limit, validUntil
        case message(MessageFields.Field)

        init?(_ name: WireBytes) {
            if let field = MessageFields.Field(name) {
                self = .message(field)
            } else if name.equals("userid") {
                self = .userID
            } else if name.equals("pwd") {
                self = .password
            } else if name.equals("timestamp") {
                self = .timestamp
            } else if name.equals("apikey") {
                self = .apiKey
            } else if name.equals("retsize") {
                self = .limit
            } else if name.equals("validtime") {
                self = .validUntil
            } else {
                return nil
            }
        }
    }

    private(set) var credentials = OperatorV2.Credentials()
    private let endpoint: OperatorV2.Endpoint
    private var rule: ContentText
    private var message = MessageFields()
    private var limit: Int64?
    private var validUntil = WireText.empty
    private var entries = MultiEntries()

    init(_ endpoint: OperatorV2.Endpoint) {
        self.endpoint = endpoint
        self.rule = ContentText(stage: .encoded)
    }

    /// Reads a JSON or XML body.
    mutating func read(_ reader: inout some FieldReader) throws(Rejection) {
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if let field = Field(name) {
                set(field, try reader.value())
            } else if endpoint.operation == .multiSend, name.equals("multimt") {
                entries = MultiEntries()
                switch try reader.enterList() {
                case .entered: try entries.read(&reader, rule)
                case .text(let text): text.withBytes { entries.readJSON($0, rule) }
                }
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
    }

    /// Reads a form, or the query of a URL.
    mutating func readForm(_ bytes: WireBytes) throws(Rejection) {
        rule.stage = .form
        var reader = FormReader(bytes)
        var (isEmpty, hasValue) = (true, false)
        while let pair = reader.next() {
            isEmpty = false
            if pair.hasValue { hasValue = true }
            let field = pair.name.withBytes { Field($0) }
            switch field {
            case .message(.content): message.set(.content, WireText(pair.value))
            case .some(let field): set(field, FormReader.plain(pair.value))
            case nil:
                guard endpoint.operation == .multiSend, pair.name.withBytes({ $0.equals("multimt") }) else { continue }
                readForm(multi: pair.value)
            }
        }
        guard isEmpty || hasValue else { throw .malformedForm }
    }

    private mutating func readForm(multi value: WireBytes) {
        entries = MultiEntries()
        if FormReader.isJSONAsPrinted(value) {
            entries.readJSON(value, rule)
        } else {
            let decoded = PercentCoding.decodeLeniently(value)
            decoded.withUnsafeBufferPointer {
                entries.readJSON($0, ContentText(stage: .formDecoded))
            }
        }
    }

    private mutating func set(_ field: Field, _ value: WireText) {
        switch field {
        case .userID:
            let text = value.withBytes { $0.trimmed.piece(0..<min($0.trimmed.count, Self.userIDBytesMax)).string }
            credentials.userID = Account.folded(text)
        case .password: credentials.password = value.trimmedText
        case .timestamp: credentials.timestamp = value.trimmedText
        case .apiKey: credentials.apiKey = value.trimmedText
        case .limit: limit = value.integer
        case .validUntil: validUntil = value
        case .message(let field): message.set(field, value)
        }
    }

    var firstNumber: String { message.firstNumber }

    func content() throws(Rejection) -> OperatorV2.Content {
        switch endpoint.operation {
        case .singleSend: .send(try submission([try message.single(rule)]))
        case .batchSend: .send(try submission([try message.batch(rule)]))
        case .multiSend: .send(try submission(try entries.parts()))
        case .fetchReplies: .fetch(limit: capped(OperatorV2.repliesMax))
        case .fetchReports: .fetch(limit: capped(OperatorV2.reportsMax))
        case .balance: .balance
        }
    }

    private func submission(_ parts: [Submission.Part]) throws(Rejection) -> Submission {
        var submission = Submission(parts: parts)
        submission.validUntil = try Validity.read(validUntil.trimmedText)
        return submission
    }

    private func capped(_ max: Int) -> Int {
        guard let limit, limit > 0, limit < max else { return max }
        return Int(limit)
    }
}

extension FormReader {
    /// Whether a value is a JSON list that was put into the form without being encoded for it.
    static func isJSONAsPrinted(_ value: WireBytes) -> Bool {
        let value = value.trimmed
        guard value.first == UInt8(ascii: "[") else { return false }
        let next = value.dropFirst().first { !WireBytes.isSpace($0) }
        return next == UInt8(ascii: "{") || next == UInt8(ascii: "]")
    }
}

/// The entries of multimt. Each is judged as it is read; the first that breaks a rule speaks for all.
struct MultiEntries {
    private var list: [Submission.Part] = []
    private var failure: Rejection?
    private var count = 0

    /// Reads the list that `reader` has stepped into.
    mutating func read(_ reader: inout some FieldReader, _ rule: ContentText) throws(Rejection) {
        while try reader.nextItem() {
            count += 1
            guard count <= OperatorV2.multiNumbersMax, failure == nil else {
                try reader.skipRecord()
                continue
            }
            var fields = MessageFields()
            try fields.read(&reader)
            do {
                list.append(try fields.entry(rule))
            } catch {
                failure = error
            }
        }
    }

    /// Reads a list that is a text of its own inside the body.
    mutating func readJSON(_ bytes: WireBytes, _ rule: ContentText) {
        guard !bytes.trimmed.isEmpty else { return }
        var reader = JSONReader(bytes)
        do throws(Rejection) {
            try reader.enterOutermostList()
            try read(&reader, rule)
            try reader.finish()
        } catch {
            failure = error
            count = 0
        }
    }

    func parts() throws(Rejection) -> [Submission.Part] {
        guard count <= OperatorV2.multiNumbersMax else { throw .tooManyNumbers }
        if let failure { throw failure }
        guard list.contains(where: { $0.recipients.contains(where: \.isNumber) }) else { throw .numberInvalid }
        return list
    }
}
