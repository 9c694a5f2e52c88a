public import Messaging

extension OperatorV2 {
    /// The `result` of an operation that was carried out.
    public static let success = 0

    /// The `result` where a rule of the account keeps a content back. Ours: the document has none for it, and its
    /// -100999 leaves open whether the message was taken.
    public static let contentRejected = -100_998

    /// The `result` for a rejection (INTERFACE.md, Codes).
    public static func resultCode(for rejection: Rejection) -> Int {
        switch rejection {
        case .credentialsWrong, .timestampStale, .accountDisabled: -100_001
        case .lockedOut: -100_002
        case .insufficientBalance: -100_003
        case .customIDInvalid, .submissionRepeated: -100_004
        case .contentTooLong: -100_011
        case .numberInvalid: -100_012
        case .tooManyNumbers: -100_014
        case .extensionInvalid: -100_029
        // All say that the same request may pass later, and that nothing of it was taken.
        case .tooManyConnections, .overloaded: -100_056
        case .addressNotAllowed: -100_057
        case .malformedXML: -100_091
        case .malformedJSON, .malformedForm: -100_093
        case .unsupportedContentType: -100_100
        case .contentEmpty, .contentUndecodable: -100_106
        case .scheduleInvalid: -100_126
        case .serviceTypeInvalid: -100_252
        case .customDataTooLong: -100_253
        case .contentRejected, .tooFrequent: contentRejected
        case .parameterMissing, .parameterInvalid, .storageFailed: -100_999
        }
    }
}
