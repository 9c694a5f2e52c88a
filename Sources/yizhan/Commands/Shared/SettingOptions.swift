import AdminProtocol
import AdminServer
import Administration
import ArgumentParser
import Messaging

/// A command's settings, by the table that they are in.
protocol SettingSource {
    static var options: [SettingOption] { get }
}

/// The options of the command line that a table of settings has. ArgumentParser finds the options of a type by
/// reflection, so the type reflects as one property wrapper for each line of the table.
struct SettingOptions<Source: SettingSource>: ParsableArguments, CustomReflectable {
    /// What was given, by key. Amounts and secrets are as they were written.
    private var given: [String: SettingValue] = [:]
    /// Values that cannot be given together; `validate` says so, since what `init(from:)` throws is not shown.
    private var conflict: String?

    init() {}

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for option in Source.options {
            for name in [option.flag] + (option.oldFlag.map { [$0] } ?? []) {
                let key = Key(stringValue: name)
                let before = given.removeValue(forKey: option.key)
                defer {
                    if let before {
                        if given[option.key] != nil {
                            conflict = "--\(name) is the earlier spelling of --\(option.flag); give one of them."
                        }
                        given[option.key] = before
                    }
                }
                switch option.kind.shape {
                case .flag:
                    let flag = try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue
                    given[option.key] = flag.map { .flag($0) }
                case .permission:
                    if try container.decode(Flag<Bool>.self, forKey: key).wrappedValue {
                        given[option.key] = .flag(true)
                    }
                case .list:
                    let values = try container.decode(Option<[SettingValue]>.self, forKey: key).wrappedValue
                    if !values.isEmpty { given[option.key] = option.joined(values) }
                    if values.count > 1, values.contains(.list([])), let word = option.kind.emptyWord {
                        conflict = "--\(option.flag) takes '\(word)' alone, not beside other values."
                    }
                case .text, .secret, .integer:
                    let value =
                        option.use == .required
                        ? try container.decode(Option<SettingValue>.self, forKey: key).wrappedValue
                        : try container.decode(Option<SettingValue?>.self, forKey: key).wrappedValue
                    given[option.key] = value
                }
            }
        }
    }

    func validate() throws {
        if let conflict { throw ValidationError(conflict) }
    }

    var customMirror: Mirror {
        let children = Source.options.flatMap { option in
            [(label: "_" + option.flag, value: option.wrapper(named: option.flag, isShown: true))]
                + (option.oldFlag.map { [(label: "_" + $0, value: option.wrapper(named: $0, isShown: false))] } ?? [])
        }
        return Mirror(self, children: children.map { (label: String?.some($0.label), value: $0.value) })
    }

    /// The value that was given for a key.
    subscript(key: String) -> SettingValue? { given[key] }

    /// Whether nothing was given that changes something.
    var isEmpty: Bool { given.keys.allSatisfy { $0 == AccountSettings.allowWeakPassword } }

    /// Whether an amount was given, which means yuan or segments.
    var hasAmount: Bool { Source.options.contains { $0.kind.unit == .amount && given[$0.key] != nil } }

    /// What was given, for the protocol; reads secrets from standard input where they are given as `-`.
    /// - Parameter unit: what the account is charged by.
    func settings(unit: ChargeUnit = .money) throws -> [AdminSetting] {
        try Source.options.compactMap { option in
            guard let value = given[option.key] else { return nil }
            switch (option.kind.shape, value) {
            case (.secret, .text(let text)):
                let secret = try Terminal.secret(text, option: "--" + option.flag)
                return AdminSetting(Setting(option.key, .text(secret)))
            case (.integer, .text(let text)):
                let amount = try unit.parse(text, option: "--" + option.flag, minimum: 0)
                return AdminSetting(Setting(option.key, .integer(amount)))
            default: return AdminSetting(Setting(option.key, value))
            }
        }
    }
}

extension SettingOption {
    /// The property wrapper that ArgumentParser reads the option from.
    fileprivate func wrapper(named name: String, isShown: Bool) -> Any {
        let choices =
            kind.choices.isEmpty || help.contains(kind.choices[0])
            ? "" : " (values: \(kind.choices.joined(separator: ", ")))"
        let argumentHelp = ArgumentHelp(
            "\(help)\(choices)", valueName: valueName, visibility: isShown ? .default : .hidden)
        let completion: CompletionKind? = kind.choices.isEmpty ? nil : .list(kind.choices)
        let specification = NameSpecification.customLong(name)
        let parse: @Sendable (String) throws -> SettingValue = { [kind] text in
            if kind.unit == .amount { return .text(text) }
            guard let value = kind.read(text) else { throw ValidationError(kind.complaint(about: text)) }
            return value
        }
        switch kind.shape {
        case .flag: return Flag<Bool?>(name: specification, inversion: .prefixedNo, help: argumentHelp)
        case .permission: return Flag<Bool>(wrappedValue: false, name: specification, help: argumentHelp)
        case .list:
            return Option<[SettingValue]>(
                wrappedValue: [], name: specification, help: argumentHelp, completion: completion, transform: parse)
        case .text, .secret, .integer:
            if use == .required {
                return Option<SettingValue>(
                    name: specification, help: argumentHelp, completion: completion, transform: parse)
            }
            return Option<SettingValue?>(
                name: specification, parsing: kind.unit == .plain && kind.shape == .integer ? .unconditional : .next,
                help: argumentHelp, completion: completion, transform: parse)
        }
    }

    /// One list of what was given in several arguments.
    fileprivate func joined(_ values: [SettingValue]) -> SettingValue {
        .list(
            values.flatMap { value -> [String] in
                guard case .list(let items) = value else { return [] }
                return items
            })
    }
}

extension SettingSource {
    /// The options that `set` takes: none is required.
    static func forSet(_ options: [SettingOption]) -> [SettingOption] {
        options.map { $0.use == .required ? $0.taken(by: .both) : $0 }
    }

    /// The options that `add` takes.
    static func forAdd(_ options: [SettingOption]) -> [SettingOption] { options.filter { $0.use != .set } }
}
