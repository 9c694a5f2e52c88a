/// The address of an HTTP service: `http://HOST[:PORT][/PATH][?QUERY]`, or the same with https.
///
/// The rules are stricter than RFC 3986 on purpose: whatever passes can be handed to any HTTP client as it is. A client
/// may end the process on a port that does not fit 16 bits, and may read user information, blanks or an odd spelling of
/// an IPv4 address differently from the code that checked them.
public struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whether it is https.
    public let isSecure: Bool
    /// A name in small letters, or an IP address; IPv6 without its brackets.
    public let host: String
    /// 1 to 65535; 80 or 443 where the text has none.
    public let port: Int
    /// As it was given, empty or beginning with `/`.
    public let path: String
    /// What follows `?`; nil without one.
    public let query: String?

    /// Why a text is no such address, as a sentence without its full stop.
    public struct Flaw: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, with a part of the text in it; fit for a terminal.
        public let description: String
    }

    /// The most bytes of the whole address.
    public static let bytesMax = 2048
    private static let hostBytesMax = 253
    private static let labelBytesMax = 63

    /// - Throws: what is wrong with the text, with the text in it.
    public init(_ text: String) throws(Flaw) {
        do throws(Reason) {
            try self.init(parsing: text)
        } catch {
            throw Flaw(description: "'\(text.shown(limit: 120))' is no http:// or https:// address: \(error.words)")
        }
    }

    /// The address in its plain spelling: scheme and host in small letters, the port only where it is not the scheme's.
    public var description: String {
        let isUsual = port == Self.usualPort(isSecure)
        return (isSecure ? "https://" : "http://") + (host.contains(":") ? "[\(host)]" : host)
            + (isUsual ? "" : ":\(port)") + target
    }

    /// Path and query as given; may be empty.
    public var target: String { path + (query.map { "?\($0)" } ?? "") }

    // MARK: Parsing

    private struct Reason: Error {
        var words: String

        init(_ words: String) { self.words = words }
    }

    private static func usualPort(_ isSecure: Bool) -> Int { isSecure ? 443 : 80 }

    private init(parsing text: String) throws(Reason) {
        guard text.utf8.count <= Self.bytesMax else { throw Reason("it is longer than \(Self.bytesMax) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Reason("it holds a blank, a control character or one beyond ASCII, which is written %XX there")
        }
        let (isSecure, rest) = try Self.takeScheme(text)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest[authority.endIndex...]
        let (host, port) = try Self.takeAuthority(authority)
        try Self.check(tail)
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? Self.usualPort(isSecure)
        let mark = tail.firstIndex(of: "?")
        path = String(tail[..<(mark ?? tail.endIndex)])
        query = mark.map { String(tail[tail.index(after: $0)...]) }
    }

    private static func takeScheme(_ text: String) throws(Reason) -> (isSecure: Bool, rest: Substring) {
        let lowered = text.prefix(8).lowercased()
        if lowered == "https://" { return (true, text.dropFirst(8)) }
        if lowered.hasPrefix("http://") { return (false, text.dropFirst(7)) }
        throw Reason("it begins with neither http:// nor https://")
    }

    private static func takeAuthority(_ authority: Substring) throws(Reason) -> (host: String, port: Int?) {
        guard !authority.contains("@") else { throw Reason("a user or password cannot stand in it") }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Reason("the bracket of its host does not end") }
            let inner = authority[authority.index(after: authority.startIndex)..<end]
            guard inner.contains(":"), IPAddress(inner) != nil else { throw Reason("[\(inner)] is no IPv6 address") }
            return (inner.lowercased(), try takePort(authority[authority.index(after: end)...]))
        }
        let name = authority.prefix { $0 != ":" }
        let host = name.lowercased()
        guard isHost(host) else { throw Reason(host.isEmpty ? "it names no host" : "'\(host)' is no host") }
        return (host, try takePort(authority[name.endIndex...]))
    }

    /// - Parameter text: what follows the host.
    private static func takePort(_ text: Substring) throws(Reason) -> Int? {
        if text.isEmpty { return nil }
        let digits = text.dropFirst()
        guard text.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
            let port = Int(digits), (1...65535).contains(port)
        else { throw Reason("its port is not 1 to 65535 but '\(digits)'") }
        return port
    }

    /// A name of labels, or an IPv4 address in four decimal numbers: what ends like a number must be one, because
    /// resolvers take `127.1` and `0x7f000001` for addresses too.
    private static func isHost(_ host: String) -> Bool {
        guard (1...hostBytesMax).contains(host.utf8.count) else { return false }
        var labels = host.split(separator: ".", omittingEmptySubsequences: false)
        // The dot of the root.
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        let areLabels = labels.allSatisfy { label in
            (1...labelBytesMax).contains(label.utf8.count) && label.utf8.allSatisfy(isOfLabel)
                && !label.hasPrefix("-") && !label.hasSuffix("-")
        }
        guard areLabels, let last = labels.last else { return false }
        let isNumber = last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x")
        return !isNumber || IPAddress(host) != nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isOfLabel(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// What RFC 3986 allows in a path and a query.
    private static func check(_ tail: Substring) throws(Reason) {
        guard !tail.contains("#") else { throw Reason("a part behind # cannot stand in it") }
        var bytes = tail.utf8[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard bytes.count >= 2, bytes.prefix(2).allSatisfy(isHexadecimal) else {
                    throw Reason("a % in it is not followed by two hexadecimal digits")
                }
                bytes = bytes.dropFirst(2)
            } else if "\"<>\\^`{|}".utf8.contains(byte) {
                throw Reason("'\(Character(Unicode.Scalar(byte)))' is written %XX in it")
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
