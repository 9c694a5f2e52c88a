public import Messaging

extension Guodu {
    /// The `ResultCode` for a rejection (INTERFACE.md, Codes).
    public static func resultCode(for rejection: Rejection) -> String {
        switch rejection {
        case .addressNotAllowed: "02"
        case .accountDisabled: unknownOperator
        case .credentialsWrong, .timestampStale, .lockedOut: "05"
        case .parameterMissing(mobileField): "09"
        case .unsupportedContentType, .malformedJSON, .malformedXML, .malformedForm, .parameterMissing,
            .parameterInvalid, .numberInvalid, .tooManyNumbers, .contentTooLong, .contentUndecodable,
            .contentRejected, .tooFrequent, .customIDInvalid, .customDataTooLong, .serviceTypeInvalid,
            .submissionRepeated:
            "06"
        case .scheduleInvalid: "07"
        case .contentEmpty: "08"
        case .extensionInvalid: "10"
        case .insufficientBalance: "11"
        case .tooManyConnections, .overloaded: busy
        case .storageFailed: "-1"
        }
    }

    /// The `ResultCode` where no account has that OperID, or where the account is disabled.
    public static let unknownOperator = "04"

    /// The `ResultCode` of a request that may pass later and of which nothing was taken. Ours: -1, the document's
    /// "submission failed", leaves that open.
    public static let busy = "12"

    /// The body that says that a request was accepted.
    public static func encodeAnswer(_ acceptance: Acceptance, variant: Variant) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.open("")
        writer.text("ResultCode", variant.successCode)
        writer.text("MsgId", String(acceptance.firstID.rawValue))
        writer.close("")
        return writer.finished()
    }

    /// The body that says why a request was not carried out.
    public static func encodeFailure(_ rejection: Rejection) -> [UInt8] {
        encodeFailure(code: resultCode(for: rejection))
    }

    /// As `encodeFailure(_:)`, for any code.
    public static func encodeFailure(code: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 32)
        writer.open("")
        writer.text("ResultCode", code)
        writer.close("")
        return writer.finished()
    }
}
