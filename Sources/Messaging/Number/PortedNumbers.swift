/// Mainland numbers that left the carrier that their prefix was given to, and where they are now. Nine bytes a number,
/// found by halving; an immutable value that is made anew when it changes.
public struct PortedNumbers: Hashable, Sendable {
    /// In rising order.
    private var numbers: [Int64] = []
    private var networks: [Network] = []

    /// What memory holds of them, some 36 MB.
    public static let countMax = 4_000_000

    /// No ported numbers: each is its prefix's.
    public init() {}

    /// The last entry of a number counts.
    public init(_ entries: some Sequence<PortedNumber>) {
        change(add: entries, remove: [])
    }

    /// How many numbers are in it.
    public var count: Int { numbers.count }
    /// Whether no number is in it.
    public var isEmpty: Bool { numbers.isEmpty }

    /// Where a number was ported to; nil when it is not in the table. Takes log₂ `count` steps.
    public subscript(number: PhoneNumber) -> Network? {
        guard !numbers.isEmpty else { return nil }
        let place = place(of: number.rawValue)
        guard place < numbers.count, numbers[place] == number.rawValue else { return nil }
        return networks[place]
    }

    /// The carrier that serves a number: where it was ported to, else by its prefix.
    public func network(of number: PhoneNumber) -> Network? { self[number] ?? Network.of(number) }

    /// Adds entries or moves numbers to another carrier, and takes numbers out, in one pass.
    public mutating func change(add entries: some Sequence<PortedNumber>, remove: Set<PhoneNumber>) {
        var added: [Int64: Network] = [:]
        for entry in entries { added[entry.number.rawValue] = entry.network }
        let order = added.keys.sorted()
        var newNumbers: [Int64] = []
        var newNetworks: [Network] = []
        newNumbers.reserveCapacity(numbers.count + order.count)
        newNetworks.reserveCapacity(numbers.count + order.count)
        var next = 0
        func take(below limit: Int64) {
            while next < order.count, order[next] < limit, let network = added[order[next]] {
                newNumbers.append(order[next])
                newNetworks.append(network)
                next += 1
            }
        }
        for (number, network) in zip(numbers, networks) {
            take(below: number)
            if added[number] != nil || remove.contains(PhoneNumber(rawValue: number)) { continue }
            newNumbers.append(number)
            newNetworks.append(network)
        }
        take(below: .max)
        numbers = newNumbers
        networks = newNetworks
    }

    /// Entries in the order of their numbers, after `number`; nil: from the lowest.
    public func page(after number: PhoneNumber?, limit: Int) -> [PortedNumber] {
        let start = number.map { place(of: $0.rawValue + 1) } ?? 0
        return (start..<min(numbers.count, start + limit)).map { index in
            PortedNumber(number: PhoneNumber(rawValue: numbers[index]), network: networks[index])
        }
    }

    /// Where a number is or would be.
    private func place(of number: Int64) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// One number and the carrier that serves it now.
public struct PortedNumber: Hashable, Sendable {
    /// A mainland number.
    public var number: PhoneNumber
    /// One of the four mainland carriers.
    public var network: Network

    /// Nil for what cannot be ported: foreign numbers, and no carrier is "international".
    public init?(mobile: some StringProtocol, network: some StringProtocol) {
        guard let number = PhoneNumber(mobile), number.isMainland,
            let network = Network(name: network), network != .international
        else { return nil }
        self.init(number: number, network: network)
    }

    /// - Parameter number: must be of the mainland; not checked.
    public init(number: PhoneNumber, network: Network) {
        self.number = number
        self.network = network
    }
}
