import Administration

/// What the pages call a setting.
struct SettingWords {
    var chinese: String
    var english: String
    var chineseHint: String
    var englishHint: String

    init(_ chinese: String, _ english: String, _ chineseHint: String = "", _ englishHint: String = "") {
        (self.chinese, self.english) = (chinese, english)
        (self.chineseHint, self.englishHint) = (chineseHint, englishHint)
    }

    /// A setting without words of its own is called by its flag, with the help of the command line.
    static func of(_ option: SettingOption) -> SettingWords {
        if let words = all[option.key] { return words }
        let name = String(option.flag.map { $0 == "-" ? " " : $0 })
        return SettingWords(name, name, option.help, option.help)
    }

    /// A value of several, in the page's language.
    static func choice(_ value: String, _ l: Language) -> String {
        guard let (chinese, english) = choices[value] else { return value }
        return l(chinese, english)
    }

    private static let choices: [String: (String, String)] = [
        "prepaid": ("预付", "Prepaid"), "postpaid": ("后付", "Postpaid"),
        "money": ("按金额", "Money"), "count": ("按条数", "Segments"),
        "never": ("不退", "Never"), "refused": ("被拒绝时退", "When refused"), "failed": ("失败都退", "When failed"),
        "mobile": ("移动", "China Mobile"), "unicom": ("联通", "China Unicom"), "telecom": ("电信", "China Telecom"),
        "broadnet": ("广电", "China Broadnet"), "international": ("境外", "International"),
        "hold": ("等待核实", "Hold"), "resend": ("到时重发", "Resend"),
        "wecom": ("企业微信", "WeCom"), "dingtalk": ("钉钉", "DingTalk"), "json": ("JSON", "JSON"),
        "form": ("表单", "Form"),
    ]

    /// Why administration refused a value, where the field alone says enough.
    static func refusal(of field: String, kind: AdministrationError.Kind) -> String? {
        if kind == .alreadyExists { return "已经有同样的账号、API 密钥、client_id、接口登录名或名称。" }
        return refusals[field]
    }

    private static let refusals: [String: String] = [
        "id": "账号是 1 至 32 个字母、数字、点、下划线或横线，且不能是 any。",
        "name": "名称是 1 至 32 个字母、数字、点、下划线或横线。",
        "api_password": "接口密码太短、太常见或太有规律，请换一个（至少 10 个字符）。",
        "price_micro": "单价与上级账户或子账户的单价不符：子账户的单价不能低于上级账户的单价。",
        "charge_by": "计费方式确定后不能改，子账户的计费方式与上级账户相同。",
        "parent": "上级账户不存在、本身是子账户，或子账户已满；建立后不能改。",
        "share_balance": "只有子账户可以共用上级账户的余额。",
        "balance_units": "期初余额超出范围；共用余额的子账户没有自己的余额。",
        "amount_units": "金额不正确，或余额不足。",
        "alert_webhook": "这个地址不能用：只接受公网的 http 或 https 地址。",
        "push_report": "推送地址不能用：只接受 http 或 https 的公网地址，除非允许内网。",
        "channels": "通道不存在、重复，或没有填写。",
        "accounts": "账户不存在。",
        "retry_on": "失败后换通道需要第二条通道。",
        "mobile": "不是可以发送的手机号。",
        "text": "模板内容为空、太长，或全是变量。",
        "valid_for_seconds": "有效时长超出范围。",
    ]

    private static let all: [String: SettingWords] = accounts.merging(channels) { one, _ in one }

    private static let accounts: [String: SettingWords] = [
        "name": SettingWords("名称", "Name"),
        "api_password": SettingWords(
            "接口密码", "Interface password", "至少 10 个字符，不能太常见。", "At least 10 characters, not a common one."),
        "price_micro": SettingWords(
            "单价", "Price", "不低于 0，最多六位小数，如 0.029。", "Not below 0, at most six decimals, as 0.029."),
        "payment": SettingWords("付费方式", "Payment"),
        "charge_by": SettingWords("计费方式", "Charged by", "建立后不能改。", "Fixed once the account is added."),
        "credit_units": SettingWords(
            "信用额度", "Credit", "后付账户的余额最多可以低到负的这个数。", "How far below zero a postpaid balance may go."),
        "api_key": SettingWords("API 密钥", "API key"),
        "allow_plain_password": SettingWords("接受明文密码", "Plain passwords are taken"),
        "allow_ip": SettingWords(
            "允许的地址", "Allowed addresses", "IP 或网段，如 10.0.0.0/8；空为不限。",
            "Addresses or networks, as 10.0.0.0/8; empty for any. "),
        "extension": SettingWords("扩展号", "Extension", "最多 15 位数字。", "At most 15 digits."),
        "signature": SettingWords("签名", "Signature", "写在【】里。", "In 【】."),
        "refund": SettingWords("退费", "Refund"),
        "valid_for_seconds": SettingWords(
            "有效时长", "Valid for", "如 10m、2h；none 为不限。", "As 10m, 2h; none for any."),
        "push_report": SettingWords("报告推送地址", "Reports are pushed to", "空为不推送。", "Empty: they are polled."),
        "push_reply": SettingWords("上行推送地址", "Replies are pushed to", "空为不推送。", "Empty: they are polled."),
        "push_dialect": SettingWords("推送接口", "Dialect of pushes"),
        "push_format": SettingWords("推送格式", "Format of pushes"),
        "allow_private_push": SettingWords("可以推送到内网", "Pushes and alerts may lead to private networks"),
        "connection_limit": SettingWords("最多连接", "Connections at once", "1 至 10000。", "1 to 10000."),
        "parent": SettingWords("上级账户", "Sub-account of", "建立后不能改。", "Fixed once the account is added."),
        "share_balance": SettingWords(
            "与上级账户共用余额", "Shares its parent's balance", "费用和退费都记在上级账户上。",
            "Charges and refunds move the parent's balance."),
        "sub_price_floor": SettingWords(
            "子账户的单价不低于本账户", "Prices of sub-accounts are not below its own"),
        "spend_per_day_max_units": SettingWords(
            "每日最多消费", "A day at most", "空为不限；退费不抵扣。", "Empty for any amount; refunds are not deducted."),
        "alert_below_units": SettingWords(
            "预警线", "Alert below", "余额低于它时通知；空为关闭。", "Alerts are sent while the balance is below; empty for none."),
        "alert_numbers": SettingWords("短信通知", "By SMS to", "最多 10 个手机号。", "At most 10 numbers. "),
        "alert_webhook": SettingWords(
            "机器人地址", "Webhook", "公网的 http 或 https 地址；空为没有。", "A public http or https URL; empty for none."),
        "alert_form": SettingWords("格式", "Form"),
        "alert_repeat_seconds": SettingWords(
            "重复间隔", "Repeated after", "10m 至 720h；这段时间内最多通知一次。", "10m to 720h; one alert in this time."),
        "logins": SettingWords(
            "各接口的登录名", "Logins per dialect", "如 operator-v2=J10003；等号后为空则用账号。",
            "As operator-v2=J10003; nothing after the sign: the account's id. "),
        "client_id": SettingWords("client_id", "client_id", "enterprise-oauth2。", "enterprise-oauth2."),
        "client_secret": SettingWords("client_secret", "client_secret", "enterprise-oauth2。", "enterprise-oauth2. "),
        "enterprise_id": SettingWords("userid", "userid", "enterprise-json。", "enterprise-json."),
        "sp_code": SettingWords("x-sp-code", "x-sp-code", "yixintong。", "yixintong."),
        "app_secret": SettingWords("x-sign 密钥", "Key of x-sign", "yixintong。", "yixintong. "),
        "strict_serial": SettingWords("serialNumber 必须 20 位", "serialNumber has exactly 20 digits"),
        "no_data_code": SettingWords("没有数据时返回 38", "Nothing found is answered with 38"),
        "require_template": SettingWords("内容必须符合模板", "Contents must match a template"),
        "check_signature": SettingWords("内容必须带签名", "Contents must carry the signature"),
        "blacklist": SettingWords("不发给黑名单上的号码", "Nothing goes to the blacklist"),
        "opt_out": SettingWords("回复 T、TD、N、R、退订进入黑名单", "Opt-outs go to the blacklist"),
        "frequency": SettingWords("频率限制", "Frequency", "如 5/1h，最多四条。", "As 5/1h, at most four. "),
    ]

    private static let channels: [String: SettingWords] = [
        "dialect": SettingWords("接口", "Dialect"),
        "url": SettingWords("地址", "URL"),
        "user": SettingWords("账号", "User"),
        "password": SettingWords("密码", "Password"),
        "number": SettingWords("接入号", "Access number", "最多 20 位数字。", "Digits."),
        "callback_allow_ip": SettingWords(
            "回调来源", "Callbacks from", "IP 或网段；空为不限。", "Addresses or networks; empty for any. "),
        "networks": SettingWords("网络", "Networks"),
        "priority": SettingWords("优先级", "Priority", "大的先用。", "The highest first."),
        "weight": SettingWords("份额", "Weight", "同一优先级之间，1 至 1000。", "Among the same priority, 1 to 1000."),
        "rate": SettingWords("速率", "Rate", "每秒最多几条；0 为不限。", "Segments a second at most; 0 for no limit."),
        "uncertain": SettingWords("结果未知时", "When it is not known"),
        "uncertain_after_seconds": SettingWords("多久后重发", "Resent after", "1s 至 72h。", "1s to 72h."),
        "connections": SettingWords("同时请求", "Calls at once"),
        "channels": SettingWords(
            "通道", "Channels", "名称，或 名称:优先级。", "NAME or NAME:PRIORITY. "),
        "accounts": SettingWords("客户", "Accounts", "账号；空为全部。", "Ids; empty for all. "),
        "prefixes": SettingWords("号段", "Prefixes", "如 1380、00852；空为全部。", "As 1380, 00852; empty for all. "),
        "retry_on": SettingWords(
            "失败后换通道", "Retry on", "失败代码，如 MK:0001；空为从不。", "Codes, as MK:0001; empty for never. "),
    ]
}
