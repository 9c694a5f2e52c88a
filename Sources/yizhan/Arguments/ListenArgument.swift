import ArgumentParser

/// A named listener: `front=127.0.0.1:8080`.
struct ListenArgument: ExpressibleByArgument, Hashable, Sendable, CustomStringConvertible {
    /// Which listener; the command says which names it knows.
    let name: String
    let address: AddressArgument

    /// Nil unless `argument` is written so.
    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex,
            let address = AddressArgument(argument: String(argument[argument.index(after: equals)...]))
        else { return nil }
        name = String(argument[..<equals])
        self.address = address
    }

    var description: String { "\(name)=\(address)" }
}
