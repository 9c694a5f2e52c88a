/// How much of what a carrier hands us may lie here without an owner, a channel each. At the bound the carrier is asked
/// for no more and its pushes are refused, so that one carrier cannot fill the disk.
public struct IntakeRule: Hashable, Sendable {
    /// Parked reports and replies, those that wait for the operator only included.
    public var parkedMax: Int
    /// Bodies that cannot be read.
    public var unreadableMax: Int
    /// Bytes of all stored bodies.
    public var bytesMax: Int

    /// `parkedMax` unless the settings say otherwise.
    public static let parkedMaxDefault = 100_000
    /// `unreadableMax` unless the settings say otherwise.
    public static let unreadableMaxDefault = 1_000
    /// `bytesMax` unless the settings say otherwise: 256 MiB.
    public static let bytesMaxDefault = 256 << 20

    /// The limits hold for each channel on its own; at a limit it is full.
    public init(
        parkedMax: Int = parkedMaxDefault, unreadableMax: Int = unreadableMaxDefault, bytesMax: Int = bytesMaxDefault
    ) {
        self.parkedMax = parkedMax
        self.unreadableMax = unreadableMax
        self.bytesMax = bytesMax
    }

    /// What is full, in words; nil while there is room.
    public func excess(of load: IntakeLoad) -> String? {
        if load.parked >= parkedMax {
            return "\(load.parked) of its reports and replies have found no owner (inbound.parked_max \(parkedMax))"
        }
        if load.unreadable >= unreadableMax {
            return "\(load.unreadable) of its bodies cannot be read (inbound.unreadable_max \(unreadableMax))"
        }
        if load.bytes >= bytesMax {
            return "\(load.bytes) bytes of it lie here unread (inbound.bytes_max \(bytesMax))"
        }
        return nil
    }

    /// Whether so much has gone that more may come: a tenth, so that it does not stop and go with every item.
    public func hasRoomAgain(for load: IntakeLoad) -> Bool { excess(of: load.scaled(by: 10, over: 9)) == nil }

    /// Whether a body whose sender is not proved may still be kept. It has half of the room, so that a sender who has
    /// only the address cannot keep out one who has the password.
    public func keepsRefused(at load: IntakeLoad) -> Bool { excess(of: load.scaled(by: 2, over: 1)) == nil }
}

/// What of a carrier lies here without an owner.
public struct IntakeLoad: Hashable, Sendable {
    /// Parked reports and replies, expired ones included.
    public var parked: Int
    /// Bodies that could not be read.
    public var unreadable: Int
    /// Bytes of all stored bodies.
    public var bytes: Int

    /// - Parameter bytes: of all stored bodies.
    public init(parked: Int = 0, unreadable: Int = 0, bytes: Int = 0) {
        self.parked = parked
        self.unreadable = unreadable
        self.bytes = bytes
    }

    /// Adds each figure; at `Int.max` it stays there.
    public static func += (left: inout IntakeLoad, right: IntakeLoad) {
        left.parked = sum(left.parked, right.parked)
        left.unreadable = sum(left.unreadable, right.unreadable)
        left.bytes = sum(left.bytes, right.bytes)
    }

    fileprivate func scaled(by factor: Int, over divisor: Int) -> IntakeLoad {
        func scale(_ value: Int) -> Int {
            let (product, isOver) = value.multipliedReportingOverflow(by: factor)
            return isOver ? .max : product / divisor
        }
        return IntakeLoad(parked: scale(parked), unreadable: scale(unreadable), bytes: scale(bytes))
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }
}
