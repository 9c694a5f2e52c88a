public import Messaging

extension Enterprise {
    /// `code` of a send and `error` of a list.
    public enum ResultCode: Int, Hashable, Sendable, CaseIterable {
        case success = 0
        /// A credential's header field is missing.
        case credentialsMissing = 1
        /// Also a `timeStamp` that is too far from our clock.
        case credentialsWrong = 2
        /// The account is disabled, or the address is not one of its own.
        case notAllowed = 3
        /// Also a `timeStamp` that is missing or no time.
        case parameterWrong = 4
        case balanceInsufficient = 5
        case tooManyNumbers = 6
        /// The content is empty or too long.
        case contentLength = 7
        /// The content or the number is refused by a rule.
        case rejected = 8
        /// Too frequent, locked out or busy: the request may pass later.
        case tooFrequent = 9
        /// The token is missing, wrong or has ended.
        case tokenWrong = 10
        /// The database failed; whether the messages were taken is open.
        case internalError = 99

        /// As `remark` or `message` has it.
        public var text: String {
            switch self {
            case .success: "成功"
            case .credentialsMissing: "账号或密码为空"
            case .credentialsWrong: "账号或密码错误"
            case .notAllowed: "账号已停用或IP未授权"
            case .parameterWrong: "参数错误"
            case .balanceInsufficient: "余额不足"
            case .tooManyNumbers: "号码过多"
            case .contentLength: "内容为空或过长"
            case .rejected: "内容或号码被拒绝"
            case .tooFrequent: "提交过于频繁"
            case .tokenWrong: "令牌缺失、过期或错误"
            case .internalError: "系统内部错误"
            }
        }
    }

    /// The rejection that means a token which is wrong or has ended: code 10.
    public static let tokenRejection = Rejection.parameterInvalid(Header.authorization)

    /// The `code` or `error` for a rejection (INTERFACE.md, Codes); a token request has `tokenError(for:)` instead.
    public static func resultCode(for rejection: Rejection) -> ResultCode {
        switch rejection {
        case .parameterMissing(Header.authorization), .parameterInvalid(Header.authorization): .tokenWrong
        case .parameterMissing(Header.account), .parameterMissing(Header.password),
            .parameterMissing(Header.enterpriseID), .parameterMissing(Header.signature):
            .credentialsMissing
        case .credentialsWrong, .timestampStale: .credentialsWrong
        case .accountDisabled, .addressNotAllowed: .notAllowed
        case .insufficientBalance: .balanceInsufficient
        case .tooManyNumbers: .tooManyNumbers
        case .contentEmpty, .contentTooLong: .contentLength
        case .contentRejected: .rejected
        case .lockedOut, .tooManyConnections, .tooFrequent, .overloaded: .tooFrequent
        case .unsupportedContentType, .malformedJSON, .malformedXML, .malformedForm, .parameterMissing,
            .parameterInvalid, .numberInvalid, .contentUndecodable, .customIDInvalid, .customDataTooLong,
            .serviceTypeInvalid, .extensionInvalid, .scheduleInvalid, .submissionRepeated:
            .parameterWrong
        case .storageFailed: .internalError
        }
    }

    /// What a person reads: the code's text, and which field or rule it was where that is known.
    static func words(for rejection: Rejection) -> String {
        let text = resultCode(for: rejection).text
        let detail: String
        switch rejection {
        case .parameterMissing(let name), .parameterInvalid(let name):
            if name == Header.authorization { return text }
            detail = name
        case .contentRejected(let rule): detail = rule
        case .timestampStale: detail = Header.timestamp + "超出允许误差"
        case .malformedJSON: detail = "JSON"
        case .numberInvalid: detail = "mobile"
        case .contentUndecodable: detail = "content"
        case .customIDInvalid: detail = "smsid"
        case .extensionInvalid: detail = "extno"
        case .scheduleInvalid: detail = "sendTime"
        default: return text
        }
        return "\(text): \(detail)"
    }

    /// `error` of a token request: RFC 6749 §5.2, and §4.1.2.1 where that has no name for it.
    public static func tokenError(for rejection: Rejection) -> String {
        switch rejection {
        case .parameterInvalid(grantTypeField): "unsupported_grant_type"
        case .credentialsWrong, .lockedOut: "invalid_client"
        case .accountDisabled, .addressNotAllowed: "unauthorized_client"
        case .overloaded, .tooFrequent, .tooManyConnections: "temporarily_unavailable"
        case .storageFailed: "server_error"
        default: "invalid_request"
        }
    }
}
