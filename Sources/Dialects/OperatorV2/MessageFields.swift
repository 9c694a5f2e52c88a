import Messaging

/// The fields of one message, in a send or in an entry of multimt.
struct MessageFields {
    enum Field {
        case mobile, content, serviceType, accessExtension, customID, customData

        init?(_ name: WireBytes) {
            if name.equals("mobile") {
                self = .mobile
            } else if name.equals("content") {
                self = .content
            } else if name.equals("svrtype") {
                self = .serviceType
            } else if name.equals("exno") {
                self = .accessExtension
            } else if name.equals("custid") {
                self = .customID
            } else if name.equals("exdata") {
                self = .customData
            } else {
                return nil
            }
        }
    }

    private var mobile = WireText.empty
    private var content = WireText.empty
    private var serviceType = WireText.empty
    private var accessExtension = WireText.empty
    private var customID = WireText.empty
    private var customData = WireText.empty

    var firstNumber: String { mobile.firstNumber }

    mutating func set(_ field: Field, _ value: WireText) {
        switch field {
        case .mobile: mobile = value
        case .content: content = value
        case .serviceType: serviceType = value
        case .accessExtension: accessExtension = value
        case .customID: customID = value
        case .customData: customData = value
        }
    }

    mutating func read(_ reader: inout some FieldReader) throws(Rejection) {
        while let name = try reader.nextName() {
            if let field = Field(name) { set(field, try reader.value()) } else { try reader.skipValue() }
        }
    }

    /// A message to one number, which must be valid.
    func single(_ rule: ContentText) throws(Rejection) -> Submission.Part {
        try part(try NumberList.recipients(mobile, max: 1), rule)
    }

    /// A message to many numbers, of which one at least must be valid.
    func batch(_ rule: ContentText) throws(Rejection) -> Submission.Part {
        try part(try NumberList.recipients(mobile, max: OperatorV2.batchNumbersMax), rule)
    }

    /// An entry of multimt; its number may be invalid, but there must be one.
    func entry(_ rule: ContentText) throws(Rejection) -> Submission.Part {
        let recipient = mobile.withBytes { NumberList.recipient($0.trimmed) }
        guard let recipient else { throw .numberInvalid }
        return try part([recipient], rule)
    }

    private func part(_ recipients: [Recipient], _ rule: ContentText) throws(Rejection) -> Submission.Part {
        let text = try rule.decode(content)
        return Submission.Part(
            recipients: recipients, content: text, customID: try Self.custom(customID),
            customData: try Self.custom(customData),
            accessExtension: try accessExtension.accessExtension(max: OperatorV2.extensionDigitsMax),
            serviceType: try Self.service(serviceType))
    }

    private static func custom(_ value: WireText) throws(Rejection) -> String {
        if value.isEmpty { return "" }
        // Before the text is made of them, for texts are slow to iterate over.
        let (isPlain, count) = value.withBytes { bytes in
            let bytes = bytes.trimmed
            let isPlain = bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
            return (isPlain, bytes.count)
        }
        guard isPlain else { throw .customIDInvalid }
        guard count <= OperatorV2.customIDBytesMax else { throw .customDataTooLong }
        return value.trimmedText
    }

    private static func service(_ value: WireText) throws(Rejection) -> String {
        if value.isEmpty { return "" }
        let text = value.trimmedText
        guard text.utf8.count <= OperatorV2.serviceTypeBytesMax, text.utf8.allSatisfy(isAlphanumeric) else {
            throw .serviceTypeInvalid
        }
        return text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
