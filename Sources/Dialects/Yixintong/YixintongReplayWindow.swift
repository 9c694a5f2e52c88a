public import Messaging

extension Yixintong {
    /// Which request ids were seen in the last five minutes, for each account. Pure and bounded.
    ///
    /// Ids are kept in slices of half a minute of the time that they name themselves: what lies five minutes back is
    /// refused as too old without being known, so a slice that has come there is dropped whole.
    public struct ReplayWindow: Sendable {
        /// How far an id's time may be from now, in either direction, in milliseconds.
        public static let span: Int64 = 5 * 60_000
        /// Ids of one account; an id takes 10 to 20 bytes.
        public static let accountIDsMaxDefault = 2_000_000
        /// Ids of all accounts together.
        public static let idsMaxDefault = 6_000_000

        /// What becomes of a request with an id.
        public enum Verdict: Hashable, Sendable {
            /// Not seen before; it is now.
            case fresh
            /// Seen before, and still remembered.
            case repeated
            /// It names a time more than five minutes ago, or in the future.
            case tooOld
            /// There is no room to remember it, so it must not be served.
            case full
        }

        private static let sliceLength: Int64 = 30_000

        /// The ids of one slice, by account; an id is its distance from the slice's beginning and its suffix.
        private typealias Slice = [AccountKey: Set<UInt64>]

        private var slices: [Int64: Slice] = [:]
        private var counts: [AccountKey: Int] = [:]
        /// The first slice that was never dropped: a clock that is set back must not open old ones again.
        private var firstSlice = Int64.min
        private let accountIDsMax: Int
        private let idsMax: Int
        /// How many ids are remembered.
        public private(set) var count = 0

        /// Remembers at most `accountIDsMax` ids of one account and `idsMax` of all together.
        public init(accountIDsMax: Int = accountIDsMaxDefault, idsMax: Int = idsMaxDefault) {
            self.accountIDsMax = accountIDsMax
            self.idsMax = idsMax
        }

        /// Remembers an id that an account has proved to be its own.
        public mutating func admit(_ id: RequestID, of account: AccountKey, at now: Timestamp) -> Verdict {
            dropSlices(before: Self.slice(of: now.adding(milliseconds: -Self.span)))
            let slice = Self.slice(of: id.time)
            guard Self.isNear(id, at: now), slice >= firstSlice else { return .tooOld }
            let offset = UInt64(id.time.milliseconds - slice * Self.sliceLength)
            let key = offset * RequestID.suffixCount + id.suffix
            if slices[slice]?[account]?.contains(key) == true { return .repeated }
            guard count < idsMax, counts[account, default: 0] < accountIDsMax else { return .full }
            slices[slice, default: [:]][account, default: []].insert(key)
            counts[account, default: 0] += 1
            count += 1
            return .fresh
        }

        /// Whether the id names a time within five minutes of now.
        public static func isNear(_ id: RequestID, at now: Timestamp) -> Bool {
            id.time.milliseconds(since: now).magnitude <= UInt64(span)
        }

        private static func slice(of time: Timestamp) -> Int64 {
            let quotient = time.milliseconds / sliceLength
            return time.milliseconds % sliceLength < 0 ? quotient - 1 : quotient
        }

        private mutating func dropSlices(before limit: Int64) {
            guard limit > firstSlice else { return }
            firstSlice = limit
            for (number, slice) in slices where number < limit {
                for (account, ids) in slice {
                    count -= ids.count
                    let left = (counts[account] ?? 0) - ids.count
                    counts[account] = left > 0 ? left : nil
                }
                slices[number] = nil
            }
        }
    }
}
