/// The network that a number belongs to.
public enum Network: UInt8, Sendable, CaseIterable, Hashable {
    /// China Mobile.
    case mobile = 1
    /// China Unicom.
    case unicom = 2
    /// China Telecom.
    case telecom = 3
    /// China Broadnet.
    case broadnet = 4
    /// Every foreign number.
    case international = 5

    /// The carrier that `name` names; nil for another text, also in another letter case.
    public init?(name: some StringProtocol) {
        guard let network = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = network
    }

    /// In small letters, as commands and settings have it.
    public var name: String {
        switch self {
        case .mobile: "mobile"
        case .unicom: "unicom"
        case .telecom: "telecom"
        case .broadnet: "broadnet"
        case .international: "international"
        }
    }

    /// The carrier that `number`'s prefix was given to (as of 2022); nil for a mainland prefix that is not given out.
    /// Since numbers can be ported it is a hint; `PortedNumbers` knows better.
    public static func of(_ number: PhoneNumber) -> Network? {
        guard number.isMainland else { return .international }
        let prefix = Int(number.rawValue / 10_000_000)
        guard prefixTable.indices.contains(prefix - 1000) else { return nil }
        // Of 1740 only 174000…174005 are given out, to satellite telephones.
        if prefix == 1740, number.rawValue / 100_000 > 174_005 { return nil }
        return prefixTable[prefix - 1000]
    }

    /// Indexed by the first four digits minus 1000.
    private static let prefixTable: [Network?] = {
        var table = [Network?](repeating: nil, count: 1000)
        func give(_ network: Network, three: [Int] = [], four: [Int] = []) {
            for prefix in three {
                for digit in 0...9 { table[prefix * 10 + digit - 1000] = network }
            }
            for prefix in four { table[prefix - 1000] = network }
        }
        give(
            .mobile,
            three: [135, 136, 137, 138, 139, 147, 148, 150, 151, 152, 157, 158, 159, 165, 172, 178]
                + [182, 183, 184, 187, 188, 195, 197, 198],
            four: Array(1340...1348) + [1703, 1705, 1706])
        give(
            .unicom,
            three: [130, 131, 132, 145, 146, 155, 156, 166, 167, 171, 175, 176, 185, 186, 196],
            four: [1704, 1707, 1708, 1709])
        give(
            .telecom,
            three: [133, 149, 153, 162, 173, 177, 180, 181, 189, 190, 191, 193, 199],
            four: [1349, 1740, 1700, 1701, 1702])
        give(.broadnet, three: [192])
        return table
    }()
}

/// A set of carriers, as a channel serves them.
public struct NetworkSet: OptionSet, Hashable, Sendable {
    /// Bit n − 1 is the carrier with raw value n; stored.
    public let rawValue: UInt8

    /// - Parameter rawValue: bits of no carrier are kept, and serve nothing.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// - Parameter carriers: repetitions do not matter.
    public init(_ networks: some Sequence<Network>) {
        self.rawValue = networks.reduce(0) { $0 | 1 << ($1.rawValue - 1) }
    }

    /// The four networks of the mainland.
    public static let mainland = NetworkSet([.mobile, .unicom, .telecom, .broadnet])

    /// An unknown prefix is served by a set that has the whole mainland.
    public func serves(_ network: Network?) -> Bool {
        guard let network else { return isSuperset(of: .mainland) }
        return rawValue & 1 << (network.rawValue - 1) != 0
    }

    /// The carriers in it, in the order of their raw values.
    public var networks: [Network] { Network.allCases.filter { serves($0) } }
}
