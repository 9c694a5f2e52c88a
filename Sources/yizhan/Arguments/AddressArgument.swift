import ArgumentParser
import Messaging

/// Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`. Port 0 lets the system choose one.
struct AddressArgument: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// An IP address without brackets, or `localhost`.
    let host: String
    let port: UInt16

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":") else { return nil }
        let digits = argument[argument.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            return nil
        }
        var host = argument[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard host.contains(":") == isBracketed, host == "localhost" || IPAddress(host) != nil else { return nil }
        self.host = String(host)
        self.port = port
    }

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var defaultValueDescription: String { description }
}

/// A named listener: `front=127.0.0.1:8080`.
struct ListenArgument: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// Which listener; the command says which names it knows.
    let name: String
    let address: AddressArgument

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex,
            let address = AddressArgument(argument: String(argument[argument.index(after: equals)...]))
        else { return nil }
        name = String(argument[..<equals])
        self.address = address
    }

    var description: String { "\(name)=\(address)" }
}
