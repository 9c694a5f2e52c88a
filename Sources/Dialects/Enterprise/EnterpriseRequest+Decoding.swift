import Messaging

extension Enterprise {
    /// The request in `body` and the header fields that `header` looks up.
    ///
    /// Bodies are read as JSON whatever their type is said to be; that of a token request may be a form, as RFC 6749
    /// §4.4.2 has it. A fetch may have no body.
    public static func decodeRequest(
        _ endpoint: Endpoint, body: UnsafeRawBufferPointer, header: (String) -> String?
    ) -> Request {
        let bytes = WireBytes(body)
        var fields = EnterpriseFields()
        let isRead = Result { () throws(Rejection) in try fields.read(bytes, of: endpoint.operation) }
        func field(_ name: String) -> String { header(name)?.trimmed() ?? "" }
        let credentials: Credentials =
            switch (endpoint.operation, endpoint.mode) {
            case (.token, _):
                .client(id: fields.clientID.trimmedText, secret: fields.clientSecret.trimmedText)
            case (_, .token):
                .signed(
                    token: bareToken(field(Header.authorization)), signature: field(Header.signature),
                    timestamp: field(Header.timestamp), account: field(Header.account))
            case (_, .plain):
                .plain(
                    enterpriseID: field(Header.enterpriseID), account: field(Header.account),
                    password: field(Header.password))
            }
        let content = Result { () throws(Rejection) -> Content in
            try isRead.get()
            return try fields.content(endpoint.operation)
        }
        guard case .failure = content, endpoint.operation == .send else {
            return Request(credentials: credentials, content: content)
        }
        return Request(credentials: credentials, content: content, refused: fields.named())
    }

    /// `Bearer ` in front is taken off.
    private static func bareToken(_ value: String) -> String {
        let scheme = "bearer "
        guard value.utf8.count > scheme.utf8.count, value.prefix(scheme.count).lowercased() == scheme else {
            return value
        }
        return String(value.dropFirst(scheme.count)).trimmed()
    }
}

/// A request body's fields, and what its operation makes of them.
private struct EnterpriseFields {
    private(set) var clientID = WireText.empty
    private(set) var clientSecret = WireText.empty
    private var grantType = WireText.empty
    private var mobile = WireText.empty
    private var content = WireText.empty
    private var sendTime = WireText.empty
    private var accessExtension = WireText.empty
    private var customID = WireText.empty
    private var limit = WireText.empty

    mutating func read(_ bytes: WireBytes, of operation: Enterprise.Operation) throws(Rejection) {
        switch operation {
        case .token where Self.isForm(bytes):
            var reader = FormReader(bytes)
            while let pair = reader.next() {
                pair.name.withBytes { set($0, FormReader.plain(pair.value)) }
            }
            return
        case .fetchReports, .fetchReplies:
            if bytes.trimmed.isEmpty { return }
        case .token, .send: break
        }
        var reader = JSONReader(bytes)
        try reader.enterRecord()
        while let name = try reader.nextName() { set(name, try reader.value()) }
        try reader.finish()
    }

    /// Whatever can be no JSON and has an equals sign.
    private static func isForm(_ bytes: WireBytes) -> Bool {
        bytes.withoutMark.trimmed.first != UInt8(ascii: "{") && bytes.contains(UInt8(ascii: "="))
    }

    private mutating func set(_ name: WireBytes, _ value: WireText) {
        if name.equals("mobile") {
            mobile = value
        } else if name.equals("content") {
            content = value
        } else if name.equals("sendTime") {
            sendTime = value
        } else if name.equals("extno") {
            accessExtension = value
        } else if name.equals("smsid") {
            customID = value
        } else if name.equals("statusNum") {
            limit = value
        } else if name.equals("grant_type") {
            grantType = value
        } else if name.equals("client_id") {
            clientID = value
        } else if name.equals("client_secret") {
            clientSecret = value
        }
    }

    func content(_ operation: Enterprise.Operation) throws(Rejection) -> Enterprise.Content {
        switch operation {
        case .token:
            let wanted = grantType.trimmedText
            guard !wanted.isEmpty else { throw .parameterMissing(Enterprise.grantTypeField) }
            guard wanted == Enterprise.grantType else { throw .parameterInvalid(Enterprise.grantTypeField) }
            return .token
        case .send: return .send(try submission())
        case .fetchReports, .fetchReplies:
            guard let wanted = limit.integer, wanted > 0, wanted < Enterprise.entriesMax else {
                return .fetch(limit: Enterprise.entriesMax)
            }
            return .fetch(limit: Int(wanted))
        }
    }

    /// What can be read of whom a send is to.
    func named() -> Enterprise.Named {
        let id = customID.codeText
        return Enterprise.Named(
            recipients: NumberList.first(Enterprise.numbersMax, of: mobile),
            customID: Self.isCustomID(id) ? id : "")
    }

    private static func isCustomID(_ id: String) -> Bool {
        id.utf8.count <= Enterprise.customIDBytesMax && id.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private func submission() throws(Rejection) -> Submission {
        let recipients = try NumberList.recipients(mobile, max: Enterprise.numbersMax)
        let text = try PlainContent.text(content, unitsMax: Enterprise.contentUnitsMax)
        let digits = try accessExtension.accessExtension(max: Enterprise.extensionDigitsMax)
        let id = customID.trimmedText
        guard Self.isCustomID(id) else { throw .customIDInvalid }
        let part = Submission.Part(recipients: recipients, content: text, customID: id, accessExtension: digits)
        return Submission(parts: [part], scheduledAt: try SendTime.read(sendTime.trimmedText))
    }
}

extension Enterprise {
    static let grantTypeField = "grant_type"
    static let grantType = "client_credentials"
}
