public import Messaging

extension ApiV1 {
    /// The `code` of an operation that was carried out.
    public static let success = "00"

    /// The `code` for a rejection (INTERFACE.md, Codes).
    public static func resultCode(for rejection: Rejection) -> String {
        switch rejection {
        case .unsupportedContentType, .malformedJSON, .malformedXML, .malformedForm, .parameterMissing,
            .parameterInvalid, .contentUndecodable, .customIDInvalid, .customDataTooLong, .serviceTypeInvalid,
            .extensionInvalid, .scheduleInvalid:
            "01"
        case .credentialsWrong, .timestampStale, .lockedOut: "02"
        case .addressNotAllowed: "03"
        case .insufficientBalance: "04"
        case .tooManyNumbers: "05"
        case .contentEmpty, .contentTooLong: "06"
        case .submissionRepeated: "07"
        case .accountDisabled: "08"
        // All say that the same request may pass later, and that nothing of it was taken.
        case .tooFrequent, .tooManyConnections, .overloaded: "09"
        case .contentRejected, .numberInvalid: "10"
        case .storageFailed: "99"
        }
    }

    /// The `message` beside a `code`.
    public static func words(for code: String) -> String {
        switch code {
        case success: "成功"
        case "01": "参数错误"
        case "02": "账号或密码错误"
        case "03": "IP不允许"
        case "04": "余额不足"
        case "05": "号码过多"
        case "06": "内容为空或过长"
        case "07": "taskId重复"
        case "08": "账号已停用"
        case "09": "请求过于频繁"
        case "10": "内容或号码被拒绝"
        default: "系统错误"
        }
    }
}
