import Messaging

/// The value of one setting. Amounts are integers: micro-yuan, segments or seconds, as the key's ending says.
public enum SettingValue: Hashable, Sendable {
    /// Also a secret in a request; an empty one removes it where the setting allows that.
    case text(String)
    /// In the unit of the setting's kind.
    case integer(Int64)
    /// Also a permission, and in answers whether a secret is set.
    case flag(Bool)
    /// The items in their order; what an empty list means is the setting's.
    case list([String])

    /// As an error message names it.
    var shown: String {
        switch self {
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .flag(let isOn): "\(isOn)"
        case .list(let texts): texts.joined(separator: ",")
        }
    }
}

/// One setting of a request or of an answer. A key that is not given means "the default" when something is added and
/// "as it is" when it is changed.
public struct Setting: Hashable, Sendable {
    /// As the protocol and JSON spell it: `price_micro`.
    public var key: String
    /// Not checked until `SettingTable.check`.
    public var value: SettingValue

    /// Takes key and value as they are; `SettingTable.check` says whether they are allowed.
    public init(_ key: String, _ value: SettingValue) {
        self.key = key
        self.value = value
    }
}

extension [Setting] {
    /// The value that is given for a key: the last one.
    public subscript(key: String) -> SettingValue? { last { $0.key == key }?.value }

    func text(_ key: String) -> String? {
        guard case .text(let text) = self[key] else { return nil }
        return text
    }

    func isOn(_ key: String) -> Bool { self[key] == .flag(true) }

    /// Those of `old` whose keys are among these, for the audit trail.
    func former<Draft>(in old: [Setting], _ table: SettingTable<Draft>) -> String {
        old.filter { setting in contains { $0.key == setting.key } }.logged(table)
    }

    /// Keys and values for the log; `table` says which are secrets. A URL may have one in its query.
    func logged<Draft>(_ table: SettingTable<Draft>) -> String {
        map { setting in
            guard let kind = table[setting.key]?.kind, kind.shape != .secret else { return "\(setting.key)=(secret)" }
            return "\(setting.key)=\(kind.isURL ? "(changed)" : setting.value.shown.shown())"
        }.joined(separator: " ")
    }
}

/// What the values of a setting are: how they are written on the command line, and which are accepted.
public struct SettingKind: Sendable {
    /// Which case of `SettingValue` holds the value: `text` also a secret, `flag` also a permission.
    public enum Shape: Sendable {
        case text, integer, flag, list
        /// A text that is never shown; answers say whether it is set.
        case secret
        /// A flag that holds for its request alone and is not kept.
        case permission
    }

    /// What an integer counts.
    public enum Unit: Sendable {
        /// `price` is micro-yuan; `amount` micro-yuan or segments, as the account is charged.
        case plain, price, amount, seconds
    }

    /// Which case of `SettingValue` its values are.
    public private(set) var shape: Shape
    /// What an integer counts; `plain` for every other shape.
    public private(set) var unit = Unit.plain
    /// The values that it takes, as the end of a sentence: "1 to 1000".
    public private(set) var form: String
    /// All values, where they can be listed.
    public private(set) var choices: [String] = []
    /// Of a list: the word that empties it on the command line.
    public private(set) var emptyWord: String?
    /// What is wrong with a text, as a sentence, where more can be said than `form` does.
    private var flaw: (@Sendable (String) -> String?)?
    /// Whether it is the address of a service.
    var isURL: Bool { flaw != nil }
    /// JSON has null for an empty text.
    public private(set) var isNullable = false
    /// Of a secret: whether answers say that it is set.
    public private(set) var showsPresence = true
    /// The value of an argument of the command line; nil: it is not allowed.
    public private(set) var read: @Sendable (String) -> SettingValue?
    /// Whether a value of the right shape is allowed.
    private var accepts: @Sendable (SettingValue) -> Bool

    /// Why an argument of the command line or a value is not allowed, as the end of an error message.
    public func complaint(about text: String) -> String { flaw?(text) ?? "it takes \(form)." }

    /// Whether the setting may have this value.
    public func allows(_ value: SettingValue) -> Bool {
        switch (shape, value) {
        case (.text, .text), (.secret, .text), (.integer, .integer), (.flag, .flag), (.permission, .flag),
            (.list, .list):
            accepts(value)
        default: false
        }
    }

    /// A text for which `isValid` holds.
    private static func text(
        _ form: String, _ shape: Shape = .text, choices: [String] = [],
        _ isValid: @escaping @Sendable (String) -> Bool
    ) -> SettingKind {
        SettingKind(
            shape: shape, form: form, choices: choices, read: { isValid($0) ? .text($0) : nil },
            accepts: { value in
                if case .text(let text) = value { isValid(text) } else { false }
            })
    }

    static let text = text("a text") { _ in true }
    static let secret = text("a text; - reads it from standard input", .secret) { _ in true }

    /// A secret that is always set.
    static let password = {
        var kind = secret
        kind.showsPresence = false
        return kind
    }()
    /// The same, which is not empty.
    static let requiredSecret = {
        var kind = text("a text that is not empty; - reads it from standard input", .secret) { !$0.isEmpty }
        kind.showsPresence = false
        return kind
    }()

    /// Ids and codes are sent in headers and bodies: printable ASCII without blanks.
    static let identifier = text("at most 64 letters, digits and signs without blanks") { text in
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
    static let signature = text("a text in 【…】, or nothing") { text in
        text.isEmpty || text.hasPrefix("【") && text.hasSuffix("】")
    }
    /// An address that the HTTP client can take, or nothing.
    static let optionalURL = {
        var kind = text("an http or https URL, or nothing") { $0.isEmpty || flaw(ofURL: $0) == nil }
        kind.isNullable = true
        kind.flaw = flaw(ofURL:)
        return kind
    }()
    static let url = {
        var kind = text("an http or https URL") { flaw(ofURL: $0) == nil }
        kind.flaw = flaw(ofURL:)
        return kind
    }()

    @Sendable private static func flaw(ofURL text: String) -> String? {
        do throws(WebAddress.Flaw) {
            _ = try WebAddress(text)
            return nil
        } catch {
            return "\(error)."
        }
    }

    static func digits(_ count: ClosedRange<Int>) -> SettingKind {
        text(
            count.lowerBound == 0
                ? "at most \(count.upperBound) digits" : "\(count.lowerBound) to \(count.upperBound) digits"
        ) { text in
            count.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// One of the raw values of `type`.
    static func choice<Choice: CaseIterable & RawRepresentable<String>>(_ type: Choice.Type) -> SettingKind {
        let names = type.allCases.map(\.rawValue)
        return text("one of \(names.joined(separator: ", "))", choices: names) { names.contains($0) }
    }

    static let flag = SettingKind(
        shape: .flag, form: "true or false", read: { ["true": .flag(true), "false": .flag(false)][$0] },
        accepts: { _ in true })
    static let permission = SettingKind(
        shape: .permission, form: "true or false", read: { ["true": .flag(true), "false": .flag(false)][$0] },
        accepts: { _ in true })

    static func integer(_ range: ClosedRange<Int64>, _ unit: Unit = .plain, form: String? = nil) -> SettingKind {
        let read: @Sendable (String) -> SettingValue? = { (text: String) -> SettingValue? in
            let number: Int64? =
                switch unit {
                case .plain: Int64(text)
                case .price: Money(text)?.microYuan
                // What an amount comes to is known where the account's unit is.
                case .amount: nil
                case .seconds: SettingDuration(text)?.wholeSeconds
                }
            guard let number else { return nil }
            return range.contains(number) ? .integer(number) : nil
        }
        return SettingKind(
            shape: .integer, unit: unit, form: form ?? "\(range.lowerBound) to \(range.upperBound)", read: read,
            accepts: { value in
                if case .integer(let number) = value { range.contains(number) } else { false }
            })
    }

    /// Seconds, written with a unit; `none` is 0.
    static func secondsOrNone(from least: Int64) -> SettingKind {
        var kind = integer(
            0...Int64(Int32.max), .seconds, form: "a duration of \(least)s or more in whole seconds, or none")
        kind.read = { text in
            if text == "none" { return .integer(0) }
            guard let seconds = SettingDuration(text)?.wholeSeconds, seconds >= least else { return nil }
            return .integer(seconds)
        }
        return kind
    }

    /// A list, given in several arguments or with commas between.
    /// - Parameters:
    ///   - emptyWord: means the empty list; nil: the list cannot be emptied on the command line.
    ///   - item: an item as it is kept; nil: it is none.
    static func list(
        _ form: String, emptyWord: String?, choices: [String] = [], max: Int = .max,
        _ item: @escaping @Sendable (String) -> String?
    ) -> SettingKind {
        SettingKind(
            shape: .list, form: form + (emptyWord.map { ", or \($0) alone" } ?? ""), choices: choices,
            emptyWord: emptyWord,
            read: { text -> SettingValue? in
                let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                if let emptyWord, words.contains(emptyWord) { return words.count == 1 ? .list([]) : nil }
                let items = words.compactMap(item)
                return items.count == words.count && items.count <= max ? .list(items) : nil
            },
            accepts: { value in
                guard case .list(let items) = value, items.count <= max else { return false }
                return items.allSatisfy { item($0) != nil }
            })
    }

    static func addresses(max: Int? = nil) -> SettingKind {
        let bound = max.map { ", at most \($0)" } ?? ""
        return list("addresses and networks as 10.0.0.0/8\(bound)", emptyWord: "any", max: max ?? .max) {
            IPNetwork($0)?.description
        }
    }

    /// - Parameter emptyWord: `any` where an empty list means every network.
    static func networks(emptyWord: String?) -> SettingKind {
        let names = Network.allCases.map(\.name)
        var kind = list("networks: " + names.joined(separator: ", "), emptyWord: emptyWord, choices: names) { name in
            Network(name: name).map(\.name)
        }
        kind.read = { [read = kind.read] text in
            read(text).flatMap { NetworkSet(setting: $0)?.settingValue }
        }
        if emptyWord == nil { kind.accepts = { [accepts = kind.accepts] in accepts($0) && $0 != .list([]) } }
        return kind
    }
}

/// A duration as people write it: digits and a unit, `200ms`, `5s`, `10m`, `72h`; at most ten years.
public struct SettingDuration: Hashable, Sendable {
    /// From 0 to ten years.
    public let milliseconds: Int64

    private static let millisecondsMax: UInt64 = 10 * 366 * 86_400_000

    /// Nil unless `text` is written so.
    public init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: UInt64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
        guard let count = UInt64(digits), let unit = units[String(text[digits.endIndex...])] else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, milliseconds <= Self.millisecondsMax else { return nil }
        self.milliseconds = Int64(milliseconds)
    }

    /// Nil unless it is a whole number of seconds.
    var wholeSeconds: Int64? { milliseconds % 1000 == 0 ? milliseconds / 1000 : nil }
}
