import HTTPCore
import Logging
import Messaging

/// What a setting of `serve` can be.
protocol ServeValue: Sendable {
    /// The values that it takes, as the end of a sentence.
    static var form: String { get }
    /// Nil unless `text` is one.
    static func read(_ text: String) -> Self?
    /// As the file has it.
    var text: String { get }
}

/// A key of any type.
protocol ServeSetting: Sendable {
    var name: String { get }
    var help: String { get }
    var form: String { get }
    var standardText: String { get }
    /// What the file has after the key.
    var yaml: String { get }
    func read(_ text: String) -> (any ServeValue)?
}

extension ServeKey: ServeSetting {
    var form: String { Value.form }
    var standardText: String { standard.text }
    func read(_ text: String) -> (any ServeValue)? { Value.read(text) }

    var yaml: String {
        let text = fileText ?? standard.text
        return standard is AddressArgument || text.isEmpty ? "\"\(text)\"" : text
    }
}

extension String: ServeValue {
    static let form = "a text"
    static func read(_ text: String) -> String? { text }
    var text: String { self }
}

extension Bool: ServeValue {
    static let form = "true or false"
    static func read(_ text: String) -> Bool? { ["true": true, "false": false][text] }
    var text: String { "\(self)" }
}

extension Int: ServeValue {
    static let form = "a whole number above 0"
    static func read(_ text: String) -> Int? { Int(text).flatMap { $0 > 0 ? $0 : nil } }
    var text: String { "\(self)" }
}

/// Nil, written as nothing, follows from another setting or is none.
extension Optional: ServeValue where Wrapped: ServeValue {
    static var form: String { Wrapped.form }

    static func read(_ text: String) -> Wrapped?? {
        if text.isEmpty { return .some(nil) }
        guard let value = Wrapped.read(text) else { return nil }
        return .some(value)
    }

    var text: String { map(\.text) ?? "" }
}

extension Duration: ServeValue {
    static let form = "a duration like 200ms, 10s, 5m, 72h"
    static func read(_ text: String) -> Duration? { DurationArgument(argument: text)?.duration }

    var text: String {
        let units: [(Int64, String)] = [(3_600_000, "h"), (60_000, "m"), (1000, "s")]
        let unit = units.first { milliseconds % $0.0 == 0 } ?? (1, "ms")
        return "\(milliseconds / unit.0)\(unit.1)"
    }

    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension AddressArgument: ServeValue {
    static let form = "ADDR:PORT"
    static func read(_ text: String) -> AddressArgument? { AddressArgument(argument: text) }
    var text: String { description }
}

/// Names of hosts, in lower case and without ports.
struct HostNames: ServeValue {
    static let form = "a list of host names like sms.example.com"
    var names: [String] = []

    static func read(_ text: String) -> HostNames? {
        let names = text.lowercased().split { $0 == "," || $0 == " " }.map(String.init)
        let areValid = names.allSatisfy { name in
            (1...253).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-.[]:".utf8.contains(byte)
                }
        }
        return areValid ? HostNames(names: names) : nil
    }

    var text: String { names.isEmpty ? "[]" : names.joined(separator: ",") }
}

/// Addresses and networks from which something may be done.
struct NetworkNames: ServeValue {
    static let form = [NetworkBlock].form
    var networks: [IPNetwork]

    static func read(_ text: String) -> NetworkNames? {
        let items = text.split { $0 == "," || $0 == " " }
        let networks = items.compactMap { IPNetwork(String($0)) }
        return networks.count == items.count ? NetworkNames(networks: networks) : nil
    }

    var text: String { "[" + networks.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
}

extension Logger.Level: ServeValue {
    static let form = "trace, debug, info, notice, warning, error or critical"
    static func read(_ text: String) -> Logger.Level? { Logger.Level(rawValue: text) }
    var text: String { rawValue }
}

extension [NetworkBlock]: ServeValue {
    static let form = "a list of addresses and networks like 10.0.0.0/8"

    static func read(_ text: String) -> [NetworkBlock]? {
        let items = text.split { $0 == "," || $0 == " " }
        let blocks = items.compactMap { item in
            IPNetwork(String(item)).flatMap { NetworkBlock(address: $0.address.bytes, prefixBits: $0.prefixBits) }
        }
        return blocks.count == items.count ? blocks : nil
    }

    var text: String { isEmpty ? "[]" : "\(self)" }
}
