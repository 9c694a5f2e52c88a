/// The documented paths, found in any spelling that clients use: any letter case, a slash at the end, doubled slashes.
struct KnownPaths: Sendable {
    private let exact: Set<String>
    private let byFolded: [String: String]

    /// Longer paths are unknown; bounds the work of folding one.
    private static let bytesMax = 256

    init(_ paths: [String]) {
        exact = Set(paths)
        byFolded = Dictionary(paths.map { (Self.folded($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    func contains(_ path: String) -> Bool { exact.contains(path) || documented(path) != nil }

    /// The documented spelling of `path`; nil when it is none of these.
    func documented(_ path: String) -> String? {
        guard path.utf8.count <= Self.bytesMax else { return nil }
        return byFolded[Self.folded(path)]
    }

    /// In small letters, with one slash where there are several, and none at the end.
    private static func folded(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(path.utf8.count)
        for byte in path.utf8 where byte != slash || bytes.last != slash {
            bytes.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        if bytes.last == slash { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
