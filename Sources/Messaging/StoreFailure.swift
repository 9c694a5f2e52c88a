/// Why the store did not do what it was asked; nothing of the request was kept.
public enum StoreFailure: Error, Hashable, Sendable {
    /// The disk is full, read-only, or failing; SQLite's own words.
    case unavailable(String)
    /// The file is not a sound database of ours; what the operator can do about it.
    case damaged(String)
    /// The store has nothing of this id or name.
    case notFound
    /// The id, name or token is taken.
    case alreadyExists
    /// A bound on what is kept is reached; which, as a clause without a full stop.
    case limitReached(String)
    /// Secrets could not be sealed or made; why, as a clause without a full stop.
    case sealingFailed(String)
    /// It cannot be done now, or was not done in time; nothing of it is kept. Why, without a full stop.
    case busy(String)
    /// The store is closed.
    case closed

    /// Whether it is the disk's doing, and so may pass.
    public var isOfDisk: Bool {
        switch self {
        case .unavailable, .busy: true
        case .damaged, .notFound, .alreadyExists, .limitReached, .sealingFailed, .closed: false
        }
    }

    /// Whether disk or file are the reason: then every writer meets it, and it is reported once for all.
    public var isOfStorage: Bool {
        switch self {
        case .unavailable, .damaged, .busy: true
        case .notFound, .alreadyExists, .limitReached, .sealingFailed, .closed: false
        }
    }
}
