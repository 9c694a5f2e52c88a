import Messaging

/// One setting as it is presented: key of the protocol, flag of the command line, help and words.
public struct SettingOption: Sendable {
    /// Of the protocol and of JSON: `price_micro`.
    public let key: String
    /// Of the command line, without its hyphens: `price`.
    public let flag: String
    /// An earlier spelling of the flag, which is accepted and not shown.
    public let oldFlag: String?
    /// Which values it takes, and how they are written.
    public let kind: SettingKind
    /// What the help calls its value; nil: the flag's name.
    public let valueName: String?
    /// One or more sentences for the command's help.
    public let help: String
    /// What text output calls it; nil: it is in JSON only.
    public let title: String?
    /// What text output shows for an empty text or list, 0 seconds, or no secret.
    public let emptyText: String
    /// Behind the value in text output: " at once".
    public let suffix: String
    /// Which of `add` and `set` take it.
    public let use: Use

    /// Which commands take it.
    public enum Use: Sendable {
        /// `both`: `add` and `set`. `set`: it alone.
        case both, set
        /// Both, and `add` demands it.
        case required
    }

    /// The same option with another use.
    public func taken(by use: Use) -> SettingOption {
        SettingOption(
            key: key, flag: flag, oldFlag: oldFlag, kind: kind, valueName: valueName, help: help, title: title,
            emptyText: emptyText, suffix: suffix, use: use)
    }
}

/// What can be a setting's value in the domain.
protocol SettingConvertible: Sendable {
    init?(setting: SettingValue)
    var settingValue: SettingValue { get }
}

/// The settings of one kind of thing. A `Draft` is the thing while its settings are written.
public struct SettingTable<Draft: Sendable>: Sendable {
    struct Row: Sendable {
        let option: SettingOption
        let read: @Sendable (Draft) -> SettingValue
        let write: @Sendable (inout Draft, SettingValue) -> Void

        init(
            _ key: String, _ kind: SettingKind, flag: String? = nil, oldFlag: String? = nil, value: String? = nil,
            title: String? = nil, empty: String = "-", suffix: String = "", use: SettingOption.Use = .both,
            help: String, read: @escaping @Sendable (Draft) -> SettingValue,
            write: @escaping @Sendable (inout Draft, SettingValue) -> Void
        ) {
            option = SettingOption(
                key: key, flag: flag ?? String(key.map { $0 == "_" ? "-" : $0 }), oldFlag: oldFlag, kind: kind,
                valueName: value, help: help, title: title, emptyText: empty, suffix: suffix, use: use)
            (self.read, self.write) = (read, write)
        }

        /// A setting that is a property.
        init<Value: SettingConvertible>(
            _ key: String, _ property: any WritableKeyPath<Draft, Value> & Sendable, _ kind: SettingKind,
            flag: String? = nil, oldFlag: String? = nil, value: String? = nil, title: String? = nil,
            empty: String = "-", suffix: String = "", use: SettingOption.Use = .both, help: String
        ) {
            self.init(
                key, kind, flag: flag, oldFlag: oldFlag, value: value, title: title, empty: empty, suffix: suffix,
                use: use, help: help, read: { $0[keyPath: property].settingValue },
                write: { draft, value in
                    if let value = Value(setting: value) { draft[keyPath: property] = value }
                })
        }
    }

    let rows: [Row]

    init(_ rows: [Row]) {
        self.rows = rows
    }

    /// In the order of help and output.
    public var options: [SettingOption] { rows.map(\.option) }

    subscript(key: String) -> SettingOption? { rows.first { $0.option.key == key }?.option }

    /// What is set of a thing. Of a secret, whether it is set; without what holds for a request alone.
    func settings(of draft: Draft) -> [Setting] {
        rows.compactMap { row in
            let value = row.read(draft)
            switch row.option.kind.shape {
            case .permission: return nil
            case .secret:
                return row.option.kind.showsPresence ? Setting(row.option.key, .flag(value != .text(""))) : nil
            default: return Setting(row.option.key, value)
            }
        }
    }

    /// - Throws: `invalid` with the key to blame when a key is unknown or a value is not allowed.
    func check(_ settings: [Setting]) throws(AdministrationError) {
        for setting in settings {
            guard let option = self[setting.key] else {
                let nearest = setting.key.nearest(among: rows.map(\.option.key))
                throw .invalid(
                    "There is no setting '\(setting.key)'" + (nearest.map { "; is '\($0)' meant?" } ?? "."),
                    field: "settings." + setting.key)
            }
            guard option.kind.allows(setting.value) else {
                let value = option.kind.shape == .secret ? "(secret)" : setting.value.shown
                throw .invalid(
                    "The value '\(value.shown())' is invalid for \(setting.key): "
                        + option.kind.complaint(about: value),
                    field: "settings." + setting.key)
            }
        }
    }

    /// Writes settings that were checked.
    func write(_ settings: [Setting], to draft: inout Draft) {
        for setting in settings { rows.first { $0.option.key == setting.key }?.write(&draft, setting.value) }
    }
}

extension String {
    /// The candidate with the fewest differing characters; nil when none is near.
    public func nearest(among candidates: [String]) -> String? {
        let distances = candidates.map { (word: $0, distance: distance(to: $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }), best.distance * 2 < max(count, 4) else {
            return nil
        }
        return best.word
    }

    /// Insertions, deletions and replacements that make `other` of this text.
    private func distance(to other: String) -> Int {
        let (mine, theirs) = (Array(utf8.prefix(100)), Array(other.utf8.prefix(100)))
        var row = Array(0...theirs.count)
        for (line, byte) in mine.enumerated() {
            var corner = row[0]
            row[0] = line + 1
            for (column, wanted) in theirs.enumerated() {
                let kept = corner + (byte == wanted ? 0 : 1)
                corner = row[column + 1]
                row[column + 1] = Swift.min(kept, Swift.min(row[column], corner) + 1)
            }
        }
        return row[theirs.count]
    }
}

extension String: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .text(let text) = setting else { return nil }
        self = text
    }
    var settingValue: SettingValue { .text(self) }
}

/// An empty text is nil.
extension Optional: SettingConvertible where Wrapped == String {
    init?(setting: SettingValue) {
        guard case .text(let text) = setting else { return nil }
        self = text.isEmpty ? nil : text
    }
    var settingValue: SettingValue { .text(self ?? "") }
}

extension Bool: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .flag(let isOn) = setting else { return nil }
        self = isOn
    }
    var settingValue: SettingValue { .flag(self) }
}

extension FixedWidthInteger where Self: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .integer(let number) = setting else { return nil }
        self.init(exactly: number)
    }
    var settingValue: SettingValue { .integer(Int64(clamping: self)) }
}
extension Int: SettingConvertible {}
extension Int64: SettingConvertible {}

extension Money: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .integer(let number) = setting else { return nil }
        self.init(microYuan: number)
    }
    var settingValue: SettingValue { .integer(microYuan) }
}

extension RawRepresentable<String> where Self: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .text(let text) = setting else { return nil }
        self.init(rawValue: text)
    }
    var settingValue: SettingValue { .text(rawValue) }
}
extension ChargeUnit: SettingConvertible {}
extension Account.Payment: SettingConvertible {}
extension Account.RefundRule: SettingConvertible {}
extension PushDialect: SettingConvertible {}
extension PushSettings.Format: SettingConvertible {}
extension UncertainRule: SettingConvertible {}
extension BalanceAlertSettings.Form: SettingConvertible {}

/// What a list can hold.
protocol SettingItem: Sendable {
    init?(item: String)
    var itemText: String { get }
}

extension String: SettingItem {
    init?(item: String) { self = item }
    var itemText: String { self }
}

extension IPNetwork: SettingItem {
    init?(item: String) { self.init(item) }
    var itemText: String { description }
}

extension PhoneNumber: SettingItem {
    init?(item: String) { self.init(item) }
    var itemText: String { text }
}

extension Array: SettingConvertible where Element: SettingItem {
    init?(setting: SettingValue) {
        guard case .list(let texts) = setting else { return nil }
        self = texts.compactMap { Element(item: $0) }
    }
    var settingValue: SettingValue { .list(map(\.itemText)) }
}

extension NetworkSet: SettingConvertible {
    init?(setting: SettingValue) {
        guard case .list(let names) = setting else { return nil }
        self.init(names.compactMap { Network(name: $0) })
    }
    var settingValue: SettingValue { .list(networks.map(\.name)) }
}
