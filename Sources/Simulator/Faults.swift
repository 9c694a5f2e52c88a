/// What goes wrong at a simulated carrier. Shares are from 0 to 1. Which requests and messages it happens to is decided
/// by the seed, so that the same seed and the same sequence of requests give the same faults. Nothing goes wrong by
/// default.
public struct Faults: Hashable, Sendable {
    /// The share of submissions that are refused as a whole and definitely.
    public var failShare = 0.0
    /// The `result` that they are refused with. Too many connections, the default, means: try later.
    public var failCode = -100_056
    /// The share of messages that are reported UNDELIV where they would have been delivered.
    public var reportFailShare = 0.0
    /// The share of submissions, refused ones among them, that are answered `slowDelay` later.
    public var slowShare = 0.0
    /// In milliseconds.
    public var slowDelay: Int64 = 0
    /// The share of answers, to submissions and to polls, that are garbage (see `Garbage`). The submission was
    /// processed; a poll took nothing.
    public var garbageShare = 0.0
    /// The share of submissions that are processed, and the connection closed in the place of an answer.
    public var lostAnswerShare = 0.0
    /// Nil to listen all the time.
    public var flap: Flap?
    /// The share of messages that are reported once more: a third of them at once, a third later, a third later and
    /// with another final status.
    public var duplicateShare = 0.0
    /// Reports come in shuffled order, segments of a message among those of others; one message in eight late; those
    /// of one submission in eight before its answer.
    public var isReordering = false

    /// Listens for `up`, then refuses connections for `down`, and again; in milliseconds, both above 0.
    public struct Flap: Hashable, Sendable {
        /// How long it listens, in milliseconds; above 0.
        public var up: Int64
        /// How long it refuses connections, in milliseconds; above 0.
        public var down: Int64

        /// Takes milliseconds, both above 0.
        public init(up: Int64, down: Int64) {
            self.up = up
            self.down = down
        }
    }

    /// No faults.
    public init() {}
}
