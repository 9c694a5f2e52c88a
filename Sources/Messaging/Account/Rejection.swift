/// Why a request was not carried out. Each dialect has its own code for each of these.
public enum Rejection: Error, Hashable, Sendable {
    // Who asks.
    /// No such account, or a wrong password, key, token, digest or signature.
    case credentialsWrong
    /// A digest or signature that is right for its own time stamp, which is too far from now.
    case timestampStale
    /// Too many wrong credentials, from this account and address, this address or everybody; wait.
    case lockedOut
    /// The account is switched off (`Account.isEnabled`).
    case accountDisabled
    /// The request came from outside `Account.allowedNetworks`.
    case addressNotAllowed
    /// The account has as many connections open as it may (`Account.connectionLimit`).
    case tooManyConnections

    // What it is made of.
    /// The Content-Type is none that the dialect takes.
    case unsupportedContentType
    /// The body is no JSON of the shape that the dialect has.
    case malformedJSON
    /// The body is no XML of the shape that the dialect has.
    case malformedXML
    /// The body or the query is no form.
    case malformedForm
    /// A required parameter is absent or empty: its name.
    case parameterMissing(String)
    /// A parameter has a value that the dialect does not take: its name.
    case parameterInvalid(String)

    // Whom and what it sends.
    /// No recipient is a number that a message can be sent to.
    case numberInvalid
    /// More recipients than the dialect takes in one request.
    case tooManyNumbers
    /// Nothing to send: a content is empty or blank.
    case contentEmpty
    /// More characters than the dialect takes, or more segments than `MessageID.segmentsMax`.
    case contentTooLong
    /// The bytes are text in neither GBK nor UTF-8.
    case contentUndecodable
    /// A rule of the account forbids the content: the raw value of a `ScreeningRules.Rule`.
    case contentRejected(rule: String)
    /// The customer's own id of the request has characters, or a length, that the dialect does not take.
    case customIDInvalid
    /// The custom id or the custom data has more bytes than the dialect takes.
    case customDataTooLong
    /// The service type (OperatorV2's `svrtype`) is too long, or not letters and digits.
    case serviceTypeInvalid
    /// The customer's extension is too long, not digits, or no form of it that the dialect takes.
    case extensionInvalid
    /// A time of the request, to be sent at or to be sent before, is no time or out of bounds.
    case scheduleInvalid
    /// The account has sent this before, by its own key; nothing was sent or charged again.
    case submissionRepeated

    // Whether we can.
    /// The charge would take the balance below `Account.balanceFloor`.
    case insufficientBalance
    /// A frequency limit of the account (`ScreeningRules.limits`) leaves none of the recipients.
    case tooFrequent
    /// Too much is under way; the same request may pass later.
    case overloaded
    /// The store failed; nothing was kept.
    case storageFailed
}

extension Rejection {
    /// The rule that a request broke, in a word or two, as records of refusals name it.
    public var rule: String {
        switch self {
        case .credentialsWrong: "password"
        case .timestampStale: "timestamp"
        case .lockedOut: "lock-out"
        case .accountDisabled: "disabled"
        case .addressNotAllowed: "address"
        case .tooManyConnections: "connections"
        case .unsupportedContentType, .malformedJSON, .malformedXML, .malformedForm: "format"
        case .parameterMissing(let name): "missing \(name)"
        case .parameterInvalid(let name): "parameter \(name)"
        case .numberInvalid: "number"
        case .tooManyNumbers: "too many numbers"
        case .contentEmpty: "content empty"
        case .contentTooLong: "content too long"
        case .contentUndecodable: "content undecodable"
        case .contentRejected(let rule): rule
        case .customIDInvalid, .customDataTooLong: "custom id"
        case .serviceTypeInvalid: "service type"
        case .extensionInvalid: "extension"
        case .scheduleInvalid: "send time"
        case .submissionRepeated: "repeated"
        case .insufficientBalance: "balance"
        case .tooFrequent: ScreeningRules.Rule.frequency.rawValue
        case .overloaded: "overload"
        case .storageFailed: "storage"
        }
    }
}
