/// The targets of Package.swift and what each depends on, tests aside, read from its text.
///
/// It understands what the manifest is made of: `.target(name: "X", dependencies: [...])` and its kin inside
/// `Package(... targets: [...])`; a dependency is `"X"`, `.target(name: "X")`, `.product(name: "P", package: "Q")`, or
/// a constant `let p = Target.Dependency.product(name: "P", package: "Q")` from the top of the file.
struct Manifest {
    private(set) var rooms: [String: Room] = [:]

    struct Room: Equatable {
        /// Targets of this package.
        var targets: Set<String> = []
        /// Products of other packages.
        var products: Set<String> = []
    }

    struct Unreadable: Error {
        var reason: String
    }

    init(_ text: String) throws {
        let tokens = Token.list(of: text)[...]
        let constants = Self.constants(tokens)
        guard let package = Self.call("Package", in: tokens), let targets = Self.argument("targets", in: package) else {
            throw Unreadable(reason: "no `Package(… targets: […])`")
        }
        for element in Self.elements(Self.inside(targets, targets.startIndex)) {
            try addRoom(element, constants)
        }
        // A bare name that is no target of ours is a product.
        for (name, room) in rooms {
            let foreign = room.targets.filter { rooms[$0] == nil }
            rooms[name] = Room(targets: room.targets.subtracting(foreign), products: room.products.union(foreign))
        }
    }

    private mutating func addRoom(_ element: ArraySlice<Token>, _ constants: [String: String]) throws {
        guard let open = element.firstIndex(of: .mark("(")) else {
            throw Unreadable(reason: "a target that is not `.kind(…)`: \(element)")
        }
        if element[..<open].contains(.word("testTarget")) { return }
        let arguments = Self.inside(element, open)
        // A target that tests alone have is no room of the house.
        if case .text(let path)? = Self.argument("path", in: arguments)?.first, path.hasPrefix("Tests/") { return }
        guard case .text(let name)? = Self.argument("name", in: arguments)?.first else {
            throw Unreadable(reason: "a target without a name")
        }
        var room = Room()
        if let list = Self.argument("dependencies", in: arguments) {
            for dependency in Self.elements(Self.inside(list, list.startIndex)) {
                try Self.add(dependency, to: &room, constants)
            }
        }
        rooms[name] = room
    }

    private static func add(_ dependency: ArraySlice<Token>, to room: inout Room, _ constants: [String: String]) throws
    {
        switch dependency.first {
        case .text(let name): room.targets.insert(name)
        case .word(let constant):
            guard let product = constants[constant] else { throw Unreadable(reason: "what is `\(constant)`?") }
            room.products.insert(product)
        default:
            if let product = name(ofCall: "product", in: dependency) {
                room.products.insert(product)
            } else if let target = name(ofCall: "target", in: dependency) ?? name(ofCall: "byName", in: dependency) {
                room.targets.insert(target)
            } else {
                throw Unreadable(reason: "a dependency of no known kind: \(dependency)")
            }
        }
    }

    /// Constant → product.
    private static func constants(_ tokens: ArraySlice<Token>) -> [String: String] {
        var result: [String: String] = [:]
        for index in tokens.indices where tokens[index] == .word("let") {
            let statement = tokens[(index + 1)...].prefix { $0 != .word("let") && $0 != .word("Package") }
            if case .word(let constant)? = statement.first, let product = name(ofCall: "product", in: statement) {
                result[constant] = product
            }
        }
        return result
    }

    /// The text of the `name` argument of the first `call(…)`.
    private static func name(ofCall call: String, in tokens: ArraySlice<Token>) -> String? {
        guard let arguments = Self.call(call, in: tokens),
            case .text(let name)? = argument("name", in: arguments)?.first
        else { return nil }
        return name
    }

    /// The arguments of the first `name(…)`.
    private static func call(_ name: String, in tokens: ArraySlice<Token>) -> ArraySlice<Token>? {
        let place = tokens.indices.dropLast().first { tokens[$0] == .word(name) && tokens[$0 + 1] == .mark("(") }
        return place.map { inside(tokens, $0 + 1) }
    }

    /// What stands between the bracket at `open` and the one that closes it.
    private static func inside(_ tokens: ArraySlice<Token>, _ open: Int) -> ArraySlice<Token> {
        var depth = 0
        for index in open..<tokens.endIndex {
            depth += tokens[index].depthChange
            if depth == 0 { return tokens[(open + 1)..<index] }
        }
        return []
    }

    /// Split at the commas that are outside all brackets.
    private static func elements(_ tokens: ArraySlice<Token>) -> [ArraySlice<Token>] {
        var depth = 0
        return tokens.split { token in
            depth += token.depthChange
            return depth == 0 && token == .mark(",")
        }
    }

    /// The value behind a label.
    private static func argument(_ label: String, in arguments: ArraySlice<Token>) -> ArraySlice<Token>? {
        elements(arguments).first { $0.starts(with: [.word(label), .mark(":")]) }?.dropFirst(2)
    }
}
