import Messaging

/// Why a request was refused, and what to do, in the visitor's language: by `Rejection.rule`.
struct RefusalWords {
    let l: Language

    init(_ l: Language) { self.l = l }

    /// A rule that is not in the table is shown as it is.
    func callAsFunction(_ rule: String) -> String {
        if let words = Self.table[rule] { return l(words.chinese, words.english) }
        if let name = rule.wholeSuffix(after: "missing ") { return l("缺参数 \(name)。", "\(name) is missing.") }
        if let name = rule.wholeSuffix(after: "parameter ") { return l("参数 \(name) 不合格式。", "\(name) is not valid.") }
        return rule
    }

    private static let table: [String: (chinese: String, english: String)] = [
        "password": ("账号或密码不对，请检查账号、密码和摘要的算法。", "Wrong credentials: check name, password and digest."),
        "timestamp": ("时间戳与北京时间相差太远，请校准时钟。", "The time stamp is too far off: set the clock."),
        "lock-out": ("密码错误次数过多，请几分钟后再试。", "Too many wrong credentials: wait some minutes."),
        "disabled": ("账户已停用，请联系运营方。", "The account is disabled: ask the operator."),
        "address": ("来源地址不在允许的范围，请联系运营方。", "This address is not allowed: ask the operator."),
        "connections": ("同时的连接太多，请复用连接。", "Too many connections: reuse them."),
        "format": ("请求的格式读不懂，请对照示例。", "The request cannot be read: compare with the sample."),
        "number": ("号码无效。", "The number is not valid."),
        "too many numbers": ("一次的号码太多，请分批。", "Too many numbers at once: send them in parts."),
        "content empty": ("内容为空。", "The content is empty."),
        "content too long": ("内容太长。", "The content is too long."),
        "content undecodable": ("内容的编码不对，请用 UTF-8。", "The content's encoding is wrong: use UTF-8."),
        "template": ("内容不是已通过的模板。", "The content is none of the approved templates."),
        "signature": ("内容没有账户的签名。", "The content lacks the account's signature."),
        "word": ("内容含禁用词。", "The content has a forbidden word."),
        "blacklist": ("号码在黑名单里。", "The number is on the blacklist."),
        "frequency": ("发给同一号码过于频繁。", "Too frequent for one number."),
        "custom id": ("自定义编号不合格式。", "The custom id is not valid."),
        "service type": ("业务类型不合格式。", "The service type is not valid."),
        "extension": ("扩展号不合格式或太长。", "The extension is not valid or too long."),
        "send time": ("发送时间不合格式、已过或太远。", "The send time is not valid, has passed or is too far."),
        "repeated": ("编号重复：这一批已经受理过，没有再发。", "Repeated: it was accepted before and is not sent again."),
        "balance": ("余额不足，请充值。", "The balance is too low: recharge."),
        "overload": ("繁忙，请稍后重试。", "Busy: try again later."),
        "storage": ("平台内部错误，没有受理，请稍后重试。", "Ours: nothing was accepted; try again later."),
    ]
}

extension String {
    /// What follows `prefix`; nil without it.
    fileprivate func wholeSuffix(after prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
