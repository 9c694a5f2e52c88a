/// Why the store did not do what it was asked; nothing of the request was kept.
public enum StoreFailure: Error, Hashable, Sendable {
    /// The disk is full, read-only, or failing; SQLite's own words.
    case unavailable(String)
    /// The file is not a sound database of ours; what the operator can do about it.
    case damaged(String)
    case notFound
    case alreadyExists
    /// The store is closed.
    case closed

    /// Whether it is the disk's doing, and so everybody's who writes: it is said once, not by each who meets it.
    public var isOfDisk: Bool {
        if case .unavailable = self { true } else { false }
    }
}
