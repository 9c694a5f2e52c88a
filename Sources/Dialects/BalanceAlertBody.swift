public import Messaging

/// The bodies of balance alerts to webhooks, and what their answers mean.
public enum BalanceAlertBody {
    /// Of every form.
    public static let contentType = "application/json;charset=utf-8"

    /// A notice as the receiver of `form` reads it.
    ///
    /// WeCom's robot takes `{"msgtype":"text","text":{"content":…}}`, at most 2048 bytes of content; DingTalk's the
    /// same with an `at`. The plain form has a member for each figure, amounts as texts.
    public static func encode(_ notice: BalanceNotice, as form: BalanceAlertSettings.Form) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.open("")
        switch form {
        case .json:
            writer.text("event", notice.kind.rawValue)
            writer.text("account", notice.account)
            writer.text("name", notice.name)
            writer.text("unit", notice.unit.rawValue)
            writer.text("balance", notice.unit.text(notice.balance))
            writer.text("threshold", notice.unit.text(notice.threshold))
            writer.text("time", notice.at.chinaText)
            writer.text("text", notice.text)
        case .wecom, .dingtalk:
            writer.text("msgtype", "text")
            writer.openObject("text")
            writer.text("content", notice.text)
            writer.close("text")
            if form == .dingtalk {
                writer.openObject("at")
                writer.literal("isAtAll", "false")
                writer.close("at")
            }
        }
        writer.close("")
        return writer.finished()
    }

    /// A robot answers 200 also when it takes nothing, and says so in `errcode`; of the plain form, any 2xx is yes.
    public static func judge(
        status: Int, _ body: UnsafeRawBufferPointer, as form: BalanceAlertSettings.Form
    ) -> PushAnswer {
        let isOK = (200...299).contains(status)
        guard isOK, form != .json else { return PushAnswer(isAccepted: isOK, words: "HTTP \(status)") }
        guard let code = errorCode(body) else {
            return PushAnswer(isAccepted: false, words: "HTTP \(status), no errcode")
        }
        return PushAnswer(isAccepted: code == "0", words: "HTTP \(status), errcode \(code)")
    }

    private static func errorCode(_ body: UnsafeRawBufferPointer) -> String? {
        var reader = JSONReader(ofCarrier: WireBytes(body))
        guard (try? reader.enterRecord()) != nil else { return nil }
        while let name = try? reader.nextName() {
            if name.equals("errcode") { return (try? reader.value()).map { String($0.trimmedText.prefix(20)) } }
            guard (try? reader.skipValue()) != nil else { return nil }
        }
        return nil
    }
}
