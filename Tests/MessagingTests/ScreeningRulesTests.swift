import Messaging
import Testing

struct ScreeningRulesTests {
    private func outcome(
        _ rules: ScreeningRules, _ content: String, template: String = "", signature: String = ""
    ) -> String? {
        do throws(Rejection) {
            try rules.judge(content, templateID: template, signature: signature)
            return nil
        } catch {
            if case .contentRejected(let rule) = error { return rule }
            return "\(error)"
        }
    }

    private func templates() throws -> [Template] {
        try [("1", "您的验证码是{1}"), ("2", "【驿站】订单{1}已发货")].map { try #require(Template(id: $0.0, text: $0.1)) }
    }

    @Test("everything is off at first")
    func off() {
        #expect(!ScreeningRules().isActive)
        #expect(outcome(ScreeningRules(), "anything") == nil)
        #expect(ScreeningRules(words: ["x"]).isActive)
        #expect(ScreeningRules(usesBlacklist: true).isActive)
        // Who takes opt-outs keeps to them.
        #expect(ScreeningRules(takesOptOuts: true).isActive)
        #expect(ScreeningRules(takesOptOuts: true).heedsBlacklist)
        #expect(!ScreeningRules().heedsBlacklist)
    }

    @Test("a template that is named must be approved and matched, whatever the rules")
    func named() throws {
        let rules = ScreeningRules(templates: try templates())
        #expect(outcome(rules, "您的验证码是1", template: "1") == nil)
        #expect(outcome(rules, "您的验证码是", template: "1") == "template")
        #expect(outcome(rules, "您的验证码是1", template: "2") == "template")
        #expect(outcome(rules, "您的验证码是1", template: "3") == "template")
        #expect(outcome(rules, "free") == nil)
        #expect(outcome(ScreeningRules(), "free", template: "1") == "template")
    }

    @Test("where templates are required, one of them must match")
    func required() throws {
        let rules = ScreeningRules(requiresTemplate: true, templates: try templates())
        #expect(outcome(rules, "您的验证码是1") == nil)
        #expect(outcome(rules, "【驿站】订单7已发货") == nil)
        #expect(outcome(rules, "free") == "template")
    }

    @Test("the account's own signature does not matter to a template")
    func signedTemplate() throws {
        let rules = ScreeningRules(requiresTemplate: true, templates: try templates())
        #expect(outcome(rules, "【驿站】您的验证码是1", signature: "【驿站】") == nil)
        #expect(outcome(rules, "您的验证码是1【驿站】", signature: "【驿站】") == nil)
        #expect(outcome(rules, "【别家】您的验证码是1", signature: "【驿站】") == "template")
    }

    @Test("a checked signature stands at either end")
    func signature() {
        let rules = ScreeningRules(checksSignature: true)
        for content in ["【驿站】hello", "hello【驿站】"] {
            #expect(outcome(rules, content, signature: "【驿站】") == nil)
            #expect(outcome(rules, content) == nil)
        }
        for content in ["hello", "【别家】hello", "a【驿站】b"] {
            #expect(outcome(rules, content, signature: "【驿站】") == "signature")
        }
        for content in ["hello", "【】hello", "hello【】", "【hello", "hello】", "【】"] {
            #expect(outcome(rules, content) == "signature")
        }
    }

    @Test("blocked words")
    func words() {
        var rules = ScreeningRules(words: ["赌博"])
        #expect(outcome(rules, "来赌博吧") == "word")
        rules.words = []
        #expect(outcome(rules, "来赌博吧") == nil)
    }

    @Test("opt-outs", arguments: ["T", "t", "TD", "td", " Td ", "N", "R", "退订", "退订。", "T.", "Ｔ", "ｔｄ", "\nR\n"])
    func optOuts(reply: String) {
        #expect(ScreeningRules.isOptOut(reply))
    }

    @Test("other replies", arguments: ["", "TT", "TDD", "NO", "退", "不退订", "T恤", "Thanks", "退订吗", "0000"])
    func others(reply: String) {
        #expect(!ScreeningRules.isOptOut(reply))
    }
}
