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
