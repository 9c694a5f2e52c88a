/// Why a request was not carried out. Each dialect has its own code for each of these.
public enum Rejection: Error, Hashable, Sendable {
    // Who asks.
    case credentialsWrong
    /// A digest or signature that is right for its own time stamp, which is too far from now.
    case timestampStale
    /// Too many wrong credentials, from this account and address, this address or everybody; wait.
    case lockedOut
    case accountDisabled
    case addressNotAllowed
    case tooManyConnections

    // What it is made of.
    case unsupportedContentType
    case malformedJSON
    case malformedXML
    case malformedForm
    case parameterMissing(String)
    case parameterInvalid(String)

    // Whom and what it sends.
    case numberInvalid
    case tooManyNumbers
    case contentEmpty
    case contentTooLong
    /// The bytes are text in neither GBK nor UTF-8.
    case contentUndecodable
    case contentRejected(rule: String)
    case customIDInvalid
    case customDataTooLong
    case serviceTypeInvalid
    case extensionInvalid
    /// A time of the request, to be sent at or to be sent before, is no time or out of bounds.
    case scheduleInvalid
    /// The account has sent this before, by its own key; nothing was sent or charged again.
    case submissionRepeated

    // Whether we can.
    case insufficientBalance
    case tooFrequent
    case overloaded
    case storageFailed
}
