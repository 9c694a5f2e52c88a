public import Messaging

extension Yixintong {
    /// The `code` of an answer.
    public enum ResultCode: Int, Hashable, Sendable, CaseIterable {
        case success = 0
        /// A parameter is wrong, or a rule of the account refuses the content.
        case parameterInvalid = 1
        /// No such account, one that is off, or one that may not use this dialect.
        case accountInvalid = 2
        /// The enterprise number is not the account's.
        case credentialsWrong = 3
        case addressNotAllowed = 5
        case tooManyNumbers = 9
        /// Too frequent, locked out or busy: the request may pass later.
        case tooFrequent = 11
        case insufficientBalance = 13
        /// The serialNumber has more than 32 digits or anything else in it, or not 20 where the account is strict.
        case serialInvalid = 14
        /// A submission with this serialNumber was accepted before.
        case serialRepeated = 15
        /// The database failed; whether the messages were taken is open.
        case failed = 20
        case templateMismatch = 28
        /// The signature is wrong, or the request id was seen before.
        case signatureWrong = 35
        /// An empty list, where the account wants a code for it.
        case noData = 38
        /// `type` is neither `1` nor missing.
        case typeInvalid = 39
        /// A parameter or a header field is missing.
        case parameterMissing = 505
        /// The request id is more than five minutes away from now.
        case requestTooOld = 507

        /// The document's own words.
        public var message: String {
            switch self {
            case .success: "OK"
            case .parameterInvalid: "提交参数校验错误"
            case .accountInvalid: "账号无效或权限不足"
            case .credentialsWrong: "账号密码错误"
            case .addressNotAllowed: "IP不合法"
            case .tooManyNumbers: "接受号码过多，最大1000"
            case .tooFrequent: "请求太频繁"
            case .insufficientBalance: "您的[普通短信业务]剩余数量发送不足，暂不能发送该类信息"
            case .serialInvalid: "流水号格式不正确"
            case .serialRepeated: "流水号重复"
            case .failed: "发送失败，请联系管理员"
            case .templateMismatch: "发送内容与模板不符"
            case .signatureWrong: "签名认证失败"
            case .noData: "无数据"
            case .typeInvalid: "发送类型异常"
            case .parameterMissing: "缺少参数"
            case .requestTooOld: "超过五分钟的请求不处理"
            }
        }
    }

    /// The rule of `Rejection.contentRejected` for a content that does not match its template.
    public static let templateRule = "template"

    /// The `code` for a rejection (INTERFACE.md, Codes).
    public static func resultCode(for rejection: Rejection) -> ResultCode {
        switch rejection {
        case .credentialsWrong: .signatureWrong
        case .timestampStale: .requestTooOld
        case .accountDisabled: .accountInvalid
        case .addressNotAllowed: .addressNotAllowed
        case .tooManyNumbers: .tooManyNumbers
        case .lockedOut, .tooManyConnections, .tooFrequent, .overloaded: .tooFrequent
        case .insufficientBalance: .insufficientBalance
        case .customIDInvalid: .serialInvalid
        case .submissionRepeated: .serialRepeated
        case .storageFailed: .failed
        case .contentRejected(let rule): rule == templateRule ? .templateMismatch : .parameterInvalid
        case .parameterInvalid(let name): name == "type" ? .typeInvalid : .parameterInvalid
        case .parameterMissing: .parameterMissing
        case .unsupportedContentType, .malformedJSON, .malformedXML, .malformedForm, .numberInvalid, .contentEmpty,
            .contentTooLong, .contentUndecodable, .customDataTooLong, .serviceTypeInvalid, .extensionInvalid,
            .scheduleInvalid:
            .parameterInvalid
        }
    }

    /// The code's words, with the field or rule where that is known.
    static func message(for rejection: Rejection) -> String {
        let words = resultCode(for: rejection).message
        return switch rejection {
        case .parameterInvalid(let name), .parameterMissing(let name): words + "：" + name
        case .contentRejected(let rule): words + "：" + rule
        case .extensionInvalid: words + "：extendAccessNum"
        case .numberInvalid: words + "：userNumber"
        case .contentEmpty, .contentTooLong, .contentUndecodable: words + "：messageContent"
        default: words
        }
    }
}
