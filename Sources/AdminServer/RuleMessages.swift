import AdminProtocol
import Administration
import Messaging

extension Administration {
    func answerRules(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .ruleShow(let show): .rules(AdminAccountRules(try rules(of: show.account)))
        case .ruleSet(let set): .rules(AdminAccountRules(try await setRules(of: set.account, set.settings.values)))
        case .wordsChange(let change):
            .rules(
                AdminAccountRules(try await changeWords(of: change.account, add: change.add, remove: change.remove)))
        case .templateAdd(let add):
            .template(AdminTemplate(try await addTemplate(add.id, text: add.text, to: add.account)))
        case .templateRemove(let remove):
            .template(AdminTemplate(try await removeTemplate(remove.id, from: remove.account)))
        case .templateList(let list):
            .templates(
                AdminTemplates(try templates(of: list.account, after: list.cursor, limit: Int(list.limit))))
        case .blacklistChange(let change):
            .blacklistCount(
                AdminBlacklistCount(
                    try await changeBlacklist(
                        of: change.account, add: change.add, remove: change.remove, reason: change.reason)))
        case .blacklistList(let list):
            .blacklist(
                AdminBlacklist(try await blacklist(of: list.account, after: list.cursor, limit: Int(list.limit))))
        default: throw Self.misplaced
        }
    }
}

extension AdminAccountRules {
    fileprivate init(_ detail: RuleDetail) {
        self.init()
        account = detail.account
        settings = detail.settings.map { AdminSetting($0) }
        words = detail.words
        templates = UInt64(clamping: detail.templates)
        blacklisted = UInt64(clamping: detail.blacklisted)
        refusals = detail.refusals.map { rule, count in
            var refused = AdminRuleRefusals()
            refused.rule = rule
            refused.count = UInt64(clamping: count)
            return refused
        }
    }
}

extension AdminTemplate {
    fileprivate init(_ answer: (account: String, template: Template)) {
        self.init()
        account = answer.account
        id = answer.template.id
        text = answer.template.text
    }
}

extension AdminTemplates {
    fileprivate init(_ answer: (account: String, page: Page<Template>)) {
        self.init()
        templates = answer.page.items.map { AdminTemplate((answer.account, $0)) }
        nextCursor = answer.page.next ?? ""
    }
}

extension AdminBlacklistCount {
    fileprivate init(_ count: (changed: Int, total: Int)) {
        self.init()
        changed = UInt64(clamping: count.changed)
        total = UInt64(clamping: count.total)
    }
}

extension AdminBlacklist {
    fileprivate init(_ page: Page<BlacklistEntry>) {
        self.init()
        numbers = page.items.map { entry in
            var number = AdminBlacklistNumber()
            number.mobile = entry.number.text
            number.atMs = entry.at.milliseconds
            number.reason = entry.reason
            return number
        }
        nextCursor = page.next ?? ""
    }
}
