import AdminProtocol
import AdminServer
import Administration
import Messaging

extension SettingOption {
    /// A value of a server that does not know the setting.
    private func value(in settings: [AdminSetting]) -> SettingValue {
        if let value = settings[key] { return value }
        switch kind.shape {
        case .text: return .text("")
        case .integer: return .integer(0)
        case .flag, .permission, .secret: return .flag(false)
        case .list: return .list([])
        }
    }

    /// Whether answers have the setting.
    private var isShown: Bool { kind.shape != .permission && (kind.shape != .secret || kind.showsPresence) }

    /// The members that JSON has for the setting.
    func members(_ settings: [AdminSetting], unit: ChargeUnit = .money) -> [(String, JSONText)] {
        guard isShown else { return [] }
        switch value(in: settings) {
        case .text(let text): return [(key, kind.isNullable ? .optional(text) : .string(text))]
        case .flag(let isOn): return [(kind.shape == .secret ? "has_" + key : key, .bool(isOn))]
        case .list(let texts): return [(key, .strings(texts))]
        case .integer(let number):
            switch kind.unit {
            case .plain, .seconds: return [(key, .integer(number))]
            case .price: return [(flag, .string(Money(microYuan: number).description)), (key, .integer(number))]
            case .amount: return unit.members(flag, number)
            }
        }
    }

    /// The line that text output has for the setting; nil when it has none.
    func pair(_ settings: [AdminSetting], unit: ChargeUnit = .money) -> (String, String)? {
        guard isShown, let title else { return nil }
        let text: String? =
            switch value(in: settings) {
            case .text(let text): text.isEmpty ? nil : text + suffix
            case .list(let texts): texts.isEmpty ? nil : texts.joined(separator: ", ")
            case .flag(let isOn): kind.shape == .secret ? isOn ? "set" : nil : isOn ? "allowed" : "not allowed"
            case .integer(let number):
                switch kind.unit {
                case .price: Money(microYuan: number).description + suffix
                case .amount: unit.labelled(number)
                case .seconds: number == 0 ? nil : "\(number) s"
                case .plain: number == 0 && emptyText != "-" ? nil : "\(number)\(suffix)"
                }
            }
        if text == nil, emptyText.isEmpty { return nil }
        return (title, text ?? emptyText)
    }
}

extension [SettingOption] {
    /// The members that JSON has for all of them.
    func members(_ settings: [AdminSetting], unit: ChargeUnit = .money) -> [(String, JSONText)] {
        flatMap { $0.members(settings, unit: unit) }
    }

    /// The lines that text output has for all of them.
    func pairs(_ settings: [AdminSetting], unit: ChargeUnit = .money) -> [(String, String)] {
        compactMap { $0.pair(settings, unit: unit) }
    }
}

/// Single values of an answer, empty where it has none.
extension [AdminSetting] {
    func text(_ key: String) -> String {
        if case .text(let text)? = self[key] { text } else { "" }
    }

    func integer(_ key: String) -> Int64 {
        if case .integer(let number)? = self[key] { number } else { 0 }
    }

    func isOn(_ key: String) -> Bool { self[key] == .flag(true) }

    func list(_ key: String) -> [String] {
        if case .list(let texts)? = self[key] { texts } else { [] }
    }
}
