import Messaging
import Testing

/// Which charset percent-encoded bytes are in, where nobody says.
struct CharsetEvidenceTests {
    /// Lines as the interface documents and their customers have them.
    private static let lines = [
        "测试短信", "【测试】", "测试", "您的验证码是1234，请在5分钟内输入。", "短信内容：最大支持1000个字", "尊敬的用户，您好！",
        "手机号码不合法", "短信有效存活时间无效", "号码规则详见“3.2 手机号码规则”", "扩展号：长度不能超过6位，注意通道号+扩展号的总长度不能超过20位",
        "平台数据库内部错误", "用户多次鉴权不通过,请检查账号,密码,时间戳,固定串", "收到", "退订回T", "【驿站】订单已发货", "满100+20,送券", "打折50%",
        "100% off", "hello", "ｆｕｌｌ　ｗｉｄｔｈ", "联通", "移动", "电信", "是", "的", "中文 and English", "価格：５００円", "【】", "！",
        "您的[普通短信业务]剩余数量发送不足，暂不能发送该类信息", "超过五分钟的请求不处理", "…", "“引号”",
    ]

    @Test(arguments: lines)
    func `a line is understood in both charsets`(line: String) throws {
        #expect(TextCharset.decodeByEvidence(Array(line.utf8)) == line)
        #expect(TextCharset.decodeByEvidence(try #require(GBK.encode(line))) == line)
    }

    @Test func `emoji are UTF-8, and what is in neither charset is nothing`() {
        for text in ["😀", "OK 👍", "测试😀"] { #expect(TextCharset.decodeByEvidence(Array(text.utf8)) == text) }
        #expect(TextCharset.decodeByEvidence([0xFF, 0xFF]) == nil)
        #expect(TextCharset.decodeByEvidence([0xB2]) == nil)
        #expect(TextCharset.decodeByEvidence([]) == "")
    }

    /// GB2312's first level: the 3755 characters that texts consist of.
    private static let level1: [[UInt8]] = {
        var characters: [[UInt8]] = []
        for lead in UInt8(0xB0)...0xD7 {
            for trail in UInt8(0xA1)...(lead == 0xD7 ? 0xF9 : 0xFE) { characters.append([lead, trail]) }
        }
        return characters
    }()

    @Test func `two common characters in GBK are never taken for UTF-8`() {
        let level1 = Self.level1
        #expect(level1.count == 3755)
        // Only bytes that are UTF-8 can be: of those every pair, of the others a sample.
        let open = level1.filter { String(validating: $0, as: UTF8.self) != nil }
        #expect(open.count > 500)
        for first in open {
            for second in open where TextCharset.isUTF8ForCertain(first + second) {
                Issue.record("\(first + second)")
            }
        }
        var random = SeededGenerator(seed: 21)
        for _ in 0..<100_000 {
            let pair =
                level1[Int.random(in: 0..<3755, using: &random)] + level1[Int.random(in: 0..<3755, using: &random)]
            if TextCharset.isUTF8ForCertain(pair) { Issue.record("\(pair)") }
        }
    }

    @Test func `random Chinese texts are understood in both charsets`() throws {
        var random = SeededGenerator(seed: 22)
        let letters = Array("0123456789abcXYZ ,.!%+，。！【】：")
        for _ in 0..<5000 {
            var text = ""
            for _ in 0..<Int.random(in: 2...40, using: &random) {
                if Int.random(in: 0..<3, using: &random) == 0 {
                    text.append(letters[Int.random(in: 0..<letters.count, using: &random)])
                } else {
                    text += GBK.decode(Self.level1[Int.random(in: 0..<3755, using: &random)]) ?? ""
                }
            }
            try #require(TextCharset.decodeByEvidence(Array(text.utf8)) == text)
            try #require(TextCharset.decodeByEvidence(GBK.encode(text) ?? []) == text)
        }
    }
}
