internal import ArgumentParser

/// `http://HOST:PORT`, nothing behind it but perhaps a slash.
struct URLArgument: ExpressibleByArgument {
    let host: String
    let port: Int

    init?(argument: String) {
        let scheme = "http://"
        guard argument.hasPrefix(scheme) else { return nil }
        var rest = argument.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            return nil
        }
        var name = rest[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x2D...0x7A).contains($0) && $0 != UInt8(ascii: "/") }) else {
            return nil
        }
        self.host = String(name)
        self.port = Int(port)
    }
}
