/// One change that somebody made: who, from where, what, and how it was before. Entries are never changed; each is
/// chained to the one before by a digest.
public struct AuditEntry: Hashable, Sendable {
    /// In house time.
    public var at: Timestamp
    /// The user's name, or the process at the administration socket.
    public var user: String
    /// Where the user's request came from; `local` for the administration socket.
    public var address: String
    /// Noun and verb: `account set`.
    public var action: String
    /// What was changed, by its id or name; may be empty.
    public var target: String
    /// The settings that were changed, as they were; no secrets.
    public var before: String
    /// The same as they are now, or what was done; no secrets.
    public var after: String

    /// The most characters (Unicode scalars) of a field; what is longer is cut.
    public static let fieldLengthMax = 4_000

    /// Fields longer than `fieldLengthMax` are cut and end in `…`; NUL, at which the database would end a text, becomes
    /// U+FFFD.
    public init(
        at: Timestamp, user: String, address: String, action: String, target: String = "", before: String = "",
        after: String = ""
    ) {
        self.at = at
        (self.user, self.address, self.action) = (Self.cut(user), Self.cut(address), Self.cut(action))
        (self.target, self.before, self.after) = (Self.cut(target), Self.cut(before), Self.cut(after))
    }

    private static func cut(_ text: String) -> String {
        let text = text.utf8.contains(0) ? String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : text
        if text.utf8.count <= fieldLengthMax { return text }
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: fieldLengthMax, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return text }
        return String(scalars[..<end]) + "…"
    }

    /// What the digest of a row is made of: the digest of the row before, the row's id and its fields, each after its
    /// length, so that no two different rows have the same bytes.
    /// - Parameter previous: of the row before; empty for the first.
    public func chained(to previous: [UInt8], id: AuditEntryID) -> [UInt8] {
        var bytes = Self.counted(previous)
        bytes += Self.bytes(id.rawValue)
        bytes += Self.bytes(at.milliseconds)
        for text in [user, address, action, target, before, after] { bytes += Self.counted(Array(text.utf8)) }
        return bytes
    }

    private static func counted(_ bytes: [UInt8]) -> [UInt8] { Self.bytes(Int64(bytes.count)) + bytes }

    private static func bytes(_ number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// Which entries of the audit trail are asked for.
public struct AuditQuery: Hashable, Sendable {
    /// A user's name, in any case; nil: everybody's.
    public var user: String?
    /// What was changed; nil: everything.
    public var target: String?
    /// Noun, or noun and verb; nil: every action.
    public var action: String?
    /// Entries before this one; nil: from the latest on.
    public var before: AuditEntryID?
    /// On the page at most.
    public var limit: Int

    /// All entries, the latest first.
    public init(
        user: String? = nil, target: String? = nil, action: String? = nil, before: AuditEntryID? = nil, limit: Int = 50
    ) {
        (self.user, self.target, self.action, self.before, self.limit) = (user, target, action, before, limit)
    }
}

/// One page of the audit trail, the latest first.
public struct AuditPage: Sendable {
    /// With their ids, which grow with time.
    public var entries: [(id: AuditEntryID, entry: AuditEntry)]
    /// To be given as `before` of the next page; nil on the last.
    public var next: AuditEntryID?

    /// `entries` as they are shown.
    public init(entries: [(id: AuditEntryID, entry: AuditEntry)], next: AuditEntryID?) {
        (self.entries, self.next) = (entries, next)
    }
}
