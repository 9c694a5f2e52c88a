import Dialects
import Messaging

/// The words of interface descriptions in the visitor's language. The descriptions have English ones; what has no
/// Chinese here is shown as it is.
struct InterfaceWords {
    let l: Language

    init(_ l: Language) { self.l = l }

    /// A phrase of a description, without the marks of Markdown.
    func callAsFunction(_ phrase: String) -> String {
        let plain = phrase.filter { $0 != "`" }
        return l == .chinese ? Self.chinese(plain) ?? plain : plain
    }

    /// Nil for a phrase that is not in the table. A number in it may be any, and it may end with another name.
    static func chinese(_ phrase: String) -> String? {
        if let exact = phrases[phrase] { return exact }
        if let also = phrase.firstRange(of: ", also "), let words = phrases[String(phrase[..<also.lowerBound])] {
            return words + "，也叫 " + phrase[also.upperBound...]
        }
        guard let start = phrase.firstIndex(where: \.isNumber) else { return nil }
        let end = phrase[start...].firstIndex { !$0.isNumber } ?? phrase.endIndex
        let number = String(phrase[start..<end])
        let general = phrase.replacing(number, with: "#", maxReplacements: 1)
        return phrases[general]?.replacing("#", with: number)
    }

    func type(_ field: InterfaceDescription.Field) -> String {
        let name =
            switch field.type {
            case .text: l("文本", "text")
            case .numbers: l("号码，用逗号隔开", "numbers, with commas")
            case .digits: l("数字", "digits")
            case .ascii: l("字母和数字", "ASCII")
            case .count: l("个数", "count")
            case .time: l("时间", "time")
            case .list: l("列表", "list")
            }
        guard let most = field.lengthMax else { return name }
        let unit =
            switch field.type {
            case .text, .digits: l("最长 \(Format.count(most))", "up to \(Format.count(most))")
            case .ascii: l("最长 \(Format.count(most)) 字节", "up to \(Format.count(most)) bytes")
            case .numbers, .count, .list, .time: l("最多 \(Format.count(most))", "up to \(Format.count(most))")
            }
        return name + l("，", ", ") + unit
    }

    /// What the account puts into a credential's field: its own names, or words about a secret, which is never shown.
    func value(_ value: InterfaceDescription.Value, _ dialect: DialectName, _ account: Account) -> (
        words: String, isMissing: Bool
    ) {
        func given(_ text: String?) -> (String, Bool) {
            guard let text, !text.isEmpty else { return (l("未设置，请联系运营方", "not set: ask the operator"), true) }
            return (text, false)
        }
        return switch value {
        case .login: given(account.login(in: dialect))
        case .clientID: given(account.clientID)
        case .enterpriseID: given(account.enterpriseID)
        case .spCode: given(account.spCode)
        case .clientSecret: (l("OAuth 2 密钥", "the client secret"), false)
        case .password(let words), .appSecret(let words): (self(words), false)
        case .passwordOrPlain(let words):
            (
                self(words)
                    + (account.allowsPlainPassword ? l("，或密码原文", ", or the password as it is") : ""), false
            )
        case .apiKey: (l("API key，代替上面两项", "the API key, in the place of both"), false)
        }
    }

    private static let phrases = [
        // Endpoints.
        "one text to one number": "同一内容发一个号码", "one text to several numbers": "同一内容发多个号码",
        "one text to numbers": "同一内容发一个或多个号码", "texts of their own": "每个号码各自的内容",
        "one text, or a text for each number": "同一内容，或每个号码各自的内容",
        "replies, each once": "取上行回复，每条一次", "reports, each once": "取状态报告，每条一次",
        "up to # reports, each once": "取状态报告，一次最多 # 条，每条一次",
        "up to # replies, each once": "取上行回复，一次最多 # 条，每条一次",
        "up to # replies, which stay until they are confirmed": "取上行回复，一次最多 # 条，确认之前一直保留",
        "all replies up to this one have arrived": "确认：到这一条为止的回复都已收到",
        "balance, and how the account pays": "余额和付费方式",
        "chargetype, balance (segments), money (yuan)": "计费方式、剩余条数、余额（元）",
        "a token, good for # h (auth.token_lifetime)": "取令牌，有效 # 小时",
        // Fields.
        "percent-encoded GBK or UTF-8": "百分号编码的 GBK 或 UTF-8", "URL-encoded UTF-8": "URL 编码的 UTF-8",
        "letters and digits": "字母和数字", "follows the access number": "接在接入号之后",
        "comes back in reports": "随状态报告返回", "a positive integer": "正整数",
        "yyyyMMddHHmmss in China: not to be sent after it": "北京时间 yyyyMMddHHmmss，过了就不再发送",
        "yyyyMMddHHmmss in China; empty: now": "北京时间 yyyyMMddHHmmss，空为立即",
        "yyyy-MM-dd HH:mm:ss or yyyyMMddHHmmss in China": "北京时间 yyyy-MM-dd HH:mm:ss 或 yyyyMMddHHmmss",
        "each as single_send": "每项同 single_send", "as many unless given": "不填即为最多",
        "the customer's key; its length counts bytes": "客户自己的批次号，长度以字节计",
        "the customer's key": "客户自己的流水号", "a comma at the end does not matter": "末尾可以有逗号",
        "1 or nothing": "1 或不填", "0 or nothing: free text": "0 或不填：自由内容", "of the query's answer": "查询所返回的",
        // Credentials.
        "MD5 with the interface password and the timestamp": "MD5(账号 + 00000000 + 接口密码 + 时间戳)",
        "MD5(account|password|timeStamp) with the interface password": "MD5(账号|接口密码|时间戳)",
        "MD5 of the interface password": "MD5(接口密码)", "the interface password": "接口密码",
        "SM3 with the app secret": "SM3，用应用密钥",
        // Codes.
        "ok": "成功", "ours": "平台内部错误", "ours: a database that failed": "平台内部错误", "balance": "余额不足",
        "credentials, or account disabled": "账号或密码不对，或账户已停用", "too many wrong credentials": "密码错误次数过多，稍后再试",
        "custid or exdata": "custid 或 exdata 不合格式", "custid or exdata too long": "custid 或 exdata 太长",
        "too long": "内容太长", "number": "号码无效", "too many numbers": "号码太多", "extension": "扩展号无效",
        "too many connections, or busy: try again": "连接太多或繁忙，稍后再试", "address": "来源地址不允许",
        "address not allowed": "来源地址不允许", "XML": "XML 有误", "JSON": "JSON 有误", "Content-Type": "Content-Type 不支持",
        "no content": "没有内容", "svrtype": "svrtype 不合格式", "a parameter": "参数有误",
        "validtime is no time, has passed, or lies further ahead than report.expire_after": "validtime 不是时间、已过，或太远",
        "rejected by a rule of the account, too frequent among them": "被账户的规则拒绝，包括过于频繁",
        "account or password wrong, or locked out": "账号或密码不对，或已被暂时锁定",
        "content empty or too long": "内容为空或太长", "taskId repeated": "taskId 重复", "account disabled": "账户已停用",
        "too frequent, or busy": "过于频繁或繁忙", "content or number rejected": "内容或号码被拒绝",
        "account, password, userid or signature missing": "缺账号、密码、userid 或签名",
        "account or password wrong, also a timeStamp that is too far off": "账号或密码不对，或时间戳相差太远",
        "account disabled or address not allowed": "账户已停用或来源地址不允许",
        "a parameter, also a timeStamp that is missing or no time": "参数有误，或时间戳缺少、不是时间",
        "too frequent, locked out, busy": "过于频繁、被暂时锁定或繁忙", "token missing, ended or wrong": "令牌缺少、过期或不对",
        "several numbers, one text": "成功：多个号码，同一内容", "a text for each": "成功：各自的内容", "one number": "成功：一个号码",
        "no such account, or disabled": "没有这个账户，或已停用", "password wrong, or locked out": "密码不对，或被暂时锁定",
        "a parameter, too many numbers, too long, rejected by a rule": "参数有误、号码太多、内容太长，或被规则拒绝",
        "SendTime": "SendTime 有误", "content empty": "内容为空", "no number": "没有号码",
        "AppendID, also one that leaves no channel a number of # digits or less": "AppendID 有误，或接入号会超过 # 位",
        "a parameter, or rejected by a rule": "参数有误，或被规则拒绝",
        "no such account, disabled, or without an app secret": "没有这个账户、已停用，或没有应用密钥",
        "x-sp-code": "x-sp-code 不对", "serialNumber's form": "serialNumber 不合格式",
        "serialNumber repeated": "serialNumber 重复",
        "not its template's text": "与模板内容不符",
        "x-sign wrong, or x-request-id seen before": "x-sign 不对，或 x-request-id 用过",
        "nothing there": "没有数据", "type": "type 有误", "something missing": "缺参数",
        "x-request-id more than # minutes off (does not count as wrong credentials)": "x-request-id 与北京时间相差 # 分钟以上",
    ]
}
