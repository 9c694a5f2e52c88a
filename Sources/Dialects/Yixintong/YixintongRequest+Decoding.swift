public import Messaging

extension Yixintong {
    /// The request in a JSON body; an empty body is one without parameters.
    ///
    /// A rule of the interface that a parameter breaks is in the request's `content`, in the order type, what is
    /// missing, userNumber, messageContent, serialNumber, extension.
    /// - Throws: `malformedJSON` when the body cannot be read.
    public static func decodeRequest(
        _ operation: Operation, body: UnsafeRawBufferPointer
    ) throws(Rejection) -> Request {
        let parameters = try read(WireBytes(body))
        let content = Result { () throws(Rejection) -> Content in
            switch operation {
            case .send: .send(try send(RequestFields(parameters)))
            case .fetchReports: .fetchReports
            case .fetchReplies: .fetchReplies
            case .confirmReplies: .confirmReplies(through: try confirmed(RequestFields(parameters)))
            }
        }
        var request = Request(parameters: parameters, content: content)
        if case .failure = content {
            let numbers = parameters.first { $0.name == "userNumber" }?.value ?? ""
            request.mobile = String(decoding: numbers.utf8.prefix(32).prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
        }
        return request
    }

    /// As `decodeRequest(_:body:)`, of bytes in an array.
    /// - Throws: `malformedJSON` when the body cannot be read.
    public static func decodeRequest(_ operation: Operation, body: [UInt8]) throws(Rejection) -> Request {
        try body.withRawBytes { bytes throws(Rejection) in try decodeRequest(operation, body: bytes) }
    }

    // MARK: Parameters

    /// All parameters; the last of a name counts. What is neither text, number nor word has an empty value.
    private static func read(_ bytes: WireBytes) throws(Rejection) -> [Parameter] {
        guard !bytes.withoutMark.trimmed.isEmpty else { return [] }
        var parameters: [Parameter] = []
        var reader = JSONReader(bytes)
        try reader.enterRecord()
        while let name = try reader.nextName() {
            let name = try decoded(name)
            let isNull = try reader.isNullNext()
            let parameter = Parameter(name, try text(try reader.value()), isNull: isNull)
            if let known = parameters.firstIndex(where: { $0.name == name }) {
                parameters[known] = parameter
            } else {
                guard parameters.count < parametersMax else { throw .malformedJSON }
                parameters.append(parameter)
            }
        }
        try reader.finish()
        return parameters
    }

    private static func text(_ value: WireText) throws(Rejection) -> String {
        let isUnicode = value.isUnicode
        return try value.withBytes { bytes throws(Rejection) in isUnicode ? bytes.string : try decoded(bytes) }
    }

    private static func decoded(_ bytes: WireBytes) throws(Rejection) -> String {
        guard bytes.hasHighBytes else { return bytes.string }
        guard let text = TextCharset.utf8.decodeLeniently(Array(bytes)) else { throw .malformedJSON }
        return text
    }

    // MARK: Fields

    /// The parameters that the dialect knows, by name.
    private struct RequestFields {
        private let parameters: [Parameter]

        init(_ parameters: [Parameter]) {
            self.parameters = parameters
        }

        /// Trimmed; empty when it is missing.
        subscript(_ name: String) -> String {
            parameters.first { $0.name == name }?.value.trimmed() ?? ""
        }

        func required(_ name: String) throws(Rejection) -> String {
            let value = self[name]
            if value.isEmpty { throw .parameterMissing(name) }
            return value
        }

        /// Digits only, perhaps none.
        func digits(_ name: String, max: Int) -> String? {
            let value = self[name]
            let isRight = value.utf8.count <= max && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return isRight ? value : nil
        }

        /// Untrimmed.
        func verbatim(_ name: String) -> String { parameters.first { $0.name == name }?.value ?? "" }
    }

    private static func send(_ fields: RequestFields) throws(Rejection) -> Send {
        guard ["", "1"].contains(fields["type"]) else { throw .parameterInvalid("type") }
        let numbers = try fields.required("userNumber")
        _ = try fields.required("messageContent")
        let list = try NumberList.recipients(WireText(owned: Array(numbers.utf8)), max: numbersMax)
        let content = fields.verbatim("messageContent")
        guard content.utf16.count <= contentUnitsMax else { throw .contentTooLong }
        guard !content.utf8.contains(where: { $0 < 0x20 && !WireBytes.isSpace($0) }) else { throw .contentUndecodable }
        guard let serial = fields.digits("serialNumber", max: serialDigitsMax) else { throw .customIDInvalid }
        // Not in the document; the family's own library sends it.
        guard let accessExtension = fields.digits("extendAccessNum", max: extensionDigitsMax) else {
            throw .extensionInvalid
        }
        let template = fields["templateId"]
        return Send(
            part: Submission.Part(
                recipients: list, content: content, customID: serial, accessExtension: accessExtension),
            templateID: template == "0" ? "" : template)
    }

    private static func confirmed(_ fields: RequestFields) throws(Rejection) -> MessageID {
        guard let id = Int64(try fields.required("maxId")), id >= 0 else { throw .parameterInvalid("maxId") }
        return MessageID(rawValue: id)
    }
}
