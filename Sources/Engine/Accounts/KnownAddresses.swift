import Messaging
import Synchronization

/// The addresses that one account's right credentials came from lately. Only right credentials add one, so wrong ones
/// cannot displace any.
///
/// Event loops ask for each request: what was seen in this hour is found without a lock.
final class KnownAddresses: Sendable {
    static let countMax = 32
    private static let hour: Int64 = 3_600_000

    private let list = Mutex<[AddressBlock: Timestamp]>([:])
    private let slots = Slots()

    /// Marks of addresses that were right in this hour.
    private struct Slots: ~Copyable, Sendable {
        let one = Atomic<UInt64>(0)
        let two = Atomic<UInt64>(0)
        let three = Atomic<UInt64>(0)
        let four = Atomic<UInt64>(0)

        func load(_ place: UInt64) -> UInt64 {
            switch place & 3 {
            case 0: one.load(ordering: .relaxed)
            case 1: two.load(ordering: .relaxed)
            case 2: three.load(ordering: .relaxed)
            default: four.load(ordering: .relaxed)
            }
        }

        func store(_ mark: UInt64, at place: UInt64) {
            switch place & 3 {
            case 0: one.store(mark, ordering: .relaxed)
            case 1: two.store(mark, ordering: .relaxed)
            case 2: three.store(mark, ordering: .relaxed)
            default: four.store(mark, ordering: .relaxed)
            }
        }
    }

    /// An address at one hour. The hash is seeded for each process, so two addresses of one mark cannot be chosen.
    struct Mark {
        fileprivate let place: UInt64
        fileprivate let value: UInt64

        /// - Parameter uptime: of a clock that is never set, in milliseconds.
        init(_ address: AddressBlock, uptime: Int64) {
            let hash = UInt64(truncatingIfNeeded: address.hashValue)
            place = hash
            // Never 0, which is an empty slot.
            value = hash &+ UInt64(truncatingIfNeeded: uptime / KnownAddresses.hour &+ 1) &* 0x9E37_79B9_7F4A_7C15 | 1
        }
    }

    /// Whether it was right in this hour; if so there is nothing to note.
    func isFresh(_ mark: Mark) -> Bool { slots.load(mark.place) == mark.value }

    func contains(_ address: AddressBlock) -> Bool { list.withLock { $0[address] != nil } }

    /// Notes an address that was right.
    /// - Returns: whether that is worth storing, and one that is forgotten for it. An address of this hour whose slot
    ///   another one has taken is no news.
    func note(_ address: AddressBlock, _ mark: Mark, at now: Timestamp) -> (isNews: Bool, forgotten: AddressBlock?) {
        slots.store(mark.value, at: mark.place)
        let isNews = list.withLock { list in
            list[address].map { now.milliseconds(since: $0).magnitude >= Self.hour.magnitude } ?? true
        }
        return isNews ? (true, put(address, at: now)) : (false, nil)
    }

    /// Takes in one that is stored.
    /// - Returns: one that is forgotten for it.
    func put(_ address: AddressBlock, at now: Timestamp) -> AddressBlock? {
        list.withLock { list in
            list[address] = now
            guard list.count > Self.countMax, let oldest = list.min(by: { $0.value < $1.value })?.key else {
                return nil
            }
            list[oldest] = nil
            return oldest
        }
    }

    var count: Int { list.withLock { $0.count } }
}
