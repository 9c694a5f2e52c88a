import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    private static let blacklistPageMax = 10_000
    private static let templatePageMax = 100
    private static let wordsPerChangeMax = 1_000
    private static let reasonBytesMax = 200

    /// The requests of this family.
    func handleRules(_ request: AdminRequest.OneOf_Call) async throws(AdminError) -> AdminResponse.OneOf_Result {
        switch request {
        case .ruleShow(let request): .rules(message(of: try account(request.account)))
        case .ruleSet(let request): .rules(try await set(request))
        case .wordsChange(let request): .rules(try await change(request))
        case .templateAdd(let request): .template(try await add(request))
        case .templateRemove(let request): .template(try await remove(request))
        case .templateList(let request): .templates(try list(request))
        case .blacklistChange(let request): .blacklistCount(try await change(request))
        case .blacklistList(let request): .blacklist(try await list(request))
        default: throw AdminError(.unknownRequest, "This is no request about rules.")
        }
    }

    private func message(of entry: AccountEntry) -> AdminAccountRules {
        let screen = entry.gauges.screen
        let rules = screen.rules
        var message = AdminAccountRules()
        message.account = entry.account.id
        message.requireTemplate = rules.requiresTemplate
        message.checkSignature = rules.checksSignature
        message.blacklist = rules.usesBlacklist
        message.optOut = rules.takesOptOuts
        message.frequency = rules.limits.map(\.description)
        message.words = rules.words
        message.templates = UInt64(clamping: rules.templates.count)
        message.blacklisted = UInt64(clamping: screen.blacklistCount)
        let refusals = screen.refusals
        message.refusals = ScreeningRules.Rule.allCases.compactMap { rule in
            guard let count = refusals[rule] else { return nil }
            var refused = AdminRuleRefusals()
            refused.rule = rule.rawValue
            refused.count = UInt64(clamping: count)
            return refused
        }
        return message
    }

    private func set(_ request: AdminRuleSet) async throws(AdminError) -> AdminAccountRules {
        let entry = try account(request.account)
        let settings = request.settings
        var limits: [FrequencyLimit] = []
        for text in settings.frequency.limits {
            guard let limit = FrequencyLimit(text) else {
                throw .invalidArgument(
                    "'\(text)' is no limit: 5/1h means five messages an hour; at most 100 in at most a day.",
                    field: "settings.frequency")
            }
            limits.append(limit)
        }
        guard limits.count <= FrequencyLimit.limitsMax else {
            throw .invalidArgument(
                "An account has at most \(FrequencyLimit.limitsMax) limits.", field: "settings.frequency")
        }
        let wanted = limits
        _ = try await stored("account \(request.account)") { () async throws(StoreFailure) in
            try await engine.rules.update(entry) { rules in
                if settings.hasRequireTemplate { rules.requiresTemplate = settings.requireTemplate }
                if settings.hasCheckSignature { rules.checksSignature = settings.checkSignature }
                if settings.hasBlacklist { rules.usesBlacklist = settings.blacklist }
                if settings.hasOptOut { rules.takesOptOuts = settings.optOut }
                if settings.hasFrequency { rules.limits = wanted }
            }
        }
        return message(of: entry)
    }

    private func change(_ request: AdminWordsChange) async throws(AdminError) -> AdminAccountRules {
        let entry = try account(request.account)
        guard request.add.count + request.remove.count <= Self.wordsPerChangeMax else {
            throw .invalidArgument("At most \(Self.wordsPerChangeMax) words come in one request.", field: "add")
        }
        let words = request.add.map { $0.trimmed() }
        for word in words where word.isEmpty || word.utf8.count > WordFilter.wordBytesMax {
            throw .invalidArgument(
                "A word has 1 to \(WordFilter.wordBytesMax) bytes in UTF-8; not '\(word)'.", field: "add")
        }
        let known = Set(entry.gauges.screen.rules.words)
        for word in request.remove where !known.contains(word.trimmed()) {
            throw .notFound("'\(word)' is no blocked word of \(entry.account.id).")
        }
        let removed = request.remove.map { $0.trimmed() }
        _ = try await stored("account \(request.account)") { () async throws(StoreFailure) in
            try await engine.rules.changeWords(add: words, remove: removed, of: entry)
        }
        return message(of: entry)
    }

    // MARK: Templates

    private func message(of template: Template, _ entry: AccountEntry) -> AdminTemplate {
        var message = AdminTemplate()
        message.account = entry.account.id
        message.id = template.id
        message.text = template.text
        return message
    }

    private func add(_ request: AdminTemplateAdd) async throws(AdminError) -> AdminTemplate {
        let entry = try account(request.account)
        let taken = Set(entry.gauges.screen.rules.templates.map(\.id))
        let free = (1...RuleStore.templatesMax + 1).lazy.map { String($0) }.first { !taken.contains($0) }
        let id = request.id.isEmpty ? free ?? "" : request.id
        guard Template.isValidID(id) else {
            throw .invalidArgument("A template's id is 1 to 20 letters and digits, and not 0.", field: "id")
        }
        guard let template = Template(id: id, text: request.text) else {
            throw .invalidArgument(
                "A template's text is 1 to \(Template.textUnitsMax) characters, not all of them variables.",
                field: "text")
        }
        try await stored("template \(id) of \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.rules.add(template, to: entry)
        }
        return message(of: template, entry)
    }

    private func remove(_ request: AdminTemplateRemove) async throws(AdminError) -> AdminTemplate {
        let entry = try account(request.account)
        let removed = try await stored("template \(request.id) of \(entry.account.id)") {
            () async throws(StoreFailure) in
            try await engine.rules.removeTemplate(request.id, from: entry)
        }
        return message(of: removed, entry)
    }

    private func list(_ request: AdminTemplateList) throws(AdminError) -> AdminTemplates {
        let entry = try account(request.account)
        let limit = request.limit == 0 ? Self.templatePageMax : min(Int(request.limit), Self.templatePageMax)
        let rest = entry.gauges.screen.rules.templates.drop { !request.cursor.isEmpty && $0.id <= request.cursor }
        var page = AdminTemplates()
        page.templates = rest.prefix(limit).map { message(of: $0, entry) }
        if rest.count > limit { page.nextCursor = page.templates.last?.id ?? "" }
        return page
    }

    // MARK: Blacklists

    private func change(_ request: AdminBlacklistChange) async throws(AdminError) -> AdminBlacklistCount {
        let entry = try account(request.account)
        guard request.reason.utf8.count <= Self.reasonBytesMax else {
            throw .invalidArgument("A reason has at most \(Self.reasonBytesMax) bytes.", field: "reason")
        }
        let added = try Self.numbers(request.add, field: "add")
        let removed = try Self.numbers(request.remove, field: "remove")
        let reason = request.reason.isEmpty ? "by hand" : request.reason
        let changed = try await stored("account \(request.account)") { () async throws(StoreFailure) in
            try await engine.rules.changeBlacklist(add: added, remove: removed, reason: reason, of: entry)
        }
        var count = AdminBlacklistCount()
        count.changed = UInt64(clamping: changed)
        count.total = UInt64(clamping: entry.gauges.screen.blacklistCount)
        return count
    }

    private static func numbers(_ texts: [String], field: String) throws(AdminError) -> [PhoneNumber] {
        var numbers: [PhoneNumber] = []
        numbers.reserveCapacity(texts.count)
        for text in texts {
            guard let number = PhoneNumber(text) else {
                throw .invalidArgument("'\(text)' is no number that a message can be sent to.", field: field)
            }
            numbers.append(number)
        }
        return numbers
    }

    private func list(_ request: AdminBlacklistList) async throws(AdminError) -> AdminBlacklist {
        let entry = try account(request.account)
        let limit = request.limit == 0 ? Self.blacklistPageMax : min(Int(request.limit), Self.blacklistPageMax)
        let cursor = PhoneNumber(request.cursor)
        let entries = try await stored("account \(request.account)") { () async throws(StoreFailure) in
            try await engine.rules.blacklist(of: entry, after: cursor, limit: limit + 1)
        }
        var page = AdminBlacklist()
        page.numbers = entries.prefix(limit).map { entry in
            var wire = AdminBlacklistNumber()
            wire.mobile = entry.number.text
            wire.atMs = entry.at.milliseconds
            wire.reason = entry.reason
            return wire
        }
        if entries.count > limit { page.nextCursor = page.numbers.last?.mobile ?? "" }
        return page
    }
}
