import AdminProtocol
import ArgumentParser
import Messaging
import SystemPackage

/// `yizhan route ported …`
struct PortedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ported",
        abstract: "Numbers that left the network of their prefix.",
        subcommands: [
            PortedAddCommand.self, PortedRemoveCommand.self, PortedListCommand.self, PortedImportCommand.self,
        ])
}

extension AdminClient {
    fileprivate func change(_ change: AdminPortedChange) throws(AdminClientError) -> AdminPortedCount {
        guard case .portedCount(let count) = try call(.portedChange(change)) else { throw Self.unexpected }
        return count
    }
}

extension AdminOptions {
    fileprivate func show(_ count: AdminPortedCount) throws {
        try show(
            json: .object([("changed", .integer(count.changed)), ("total", .integer(count.total))]),
            text: "\(count.changed) changed, \(count.total) ported numbers")
    }
}

/// `yizhan route ported add MOBILE NETWORK`
struct PortedAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Says to which network a number belongs now.")

    @Argument(help: "A mainland number.")
    var mobile: String

    @Argument(help: "mobile, unicom, telecom or broadnet.")
    var network: String

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        guard PortedNumber(mobile: mobile, network: network) != nil else {
            throw ValidationError(
                "A mainland number and mobile, unicom, telecom or broadnet are needed; not '\(mobile) \(network)'.")
        }
    }

    func run() throws {
        var change = AdminPortedChange()
        change.add = [AdminPortedNumber(mobile, network)]
        try admin.show(try admin.connected { try $0.change(change) })
    }
}

/// `yizhan route ported remove MOBILE`
struct PortedRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Gives numbers back to the network of their prefix.")

    @Argument(help: "Ported numbers.")
    var mobiles: [String]

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var change = AdminPortedChange()
        change.remove = mobiles
        try admin.show(try admin.connected { try $0.change(change) })
    }
}

/// `yizhan route ported list`
struct PortedListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the ported numbers.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let numbers = try admin.connected { try $0.allPorted() }
        let items = numbers.map { number in
            JSONText.object([("mobile", .string(number.mobile)), ("network", .string(number.network))])
        }
        var table = TextTable([("NUMBER", .left), ("NETWORK", .left)])
        for number in numbers { table.add([number.mobile, number.network]) }
        try admin.show(json: .object([("numbers", .array(items))]), text: table.text)
    }
}

/// `yizhan route ported import FILE`
struct PortedImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Reads a file with a number, a comma and a network on each line; a heading is skipped.")

    @Argument(help: "The file.", completion: .file(extensions: ["csv"]))
    var file: String

    @OptionGroup var admin: AdminOptions

    /// Entries in one request: about half a frame.
    private static let batchMax = 20_000

    func run() throws {
        let numbers = try Self.parse(try Self.read(file), file: file)
        let count = try admin.connected { client throws(AdminClientError) in
            var count = AdminPortedCount()
            for start in stride(from: 0, to: numbers.count, by: Self.batchMax) {
                var change = AdminPortedChange()
                change.add = Array(numbers[start..<min(start + Self.batchMax, numbers.count)])
                let done = try client.change(change)
                count.changed += done.changed
                count.total = done.total
            }
            return count
        }
        try admin.show(count)
    }

    private static func read(_ file: String) throws -> String {
        var bytes: [UInt8] = []
        do {
            let descriptor = try FileDescriptor.open(FilePath(file), .readOnly)
            try descriptor.closeAfter {
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                while case let count = try chunk.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
                    bytes += chunk[..<count]
                }
            }
        } catch {
            throw Terminal.failure("\(file) cannot be read: \(error).")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads all of it before anything is changed: a file with a mistake changes nothing.
    private static func parse(_ text: String, file: String) throws -> [AdminPortedNumber] {
        var numbers: [AdminPortedNumber] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { Self.bare($0) }
            if fields == [""] { continue }
            guard fields.count >= 2, PortedNumber(mobile: fields[0], network: fields[1]) != nil else {
                // A heading has no digit in its first field.
                if index == 0, !fields[0].contains(where: \.isNumber) { continue }
                throw Terminal.failure(
                    "Line \(index + 1) of \(file) is not a mainland number and a network: '\(line)'.")
            }
            numbers.append(AdminPortedNumber(fields[0], fields[1]))
        }
        guard !numbers.isEmpty else { throw Terminal.failure("There is no number in \(file).") }
        return numbers
    }

    /// Without quotation marks, blanks and the mark that some programs begin a file with.
    private static func bare(_ field: Substring) -> String {
        let isPadding: (Unicode.Scalar) -> Bool = { [" ", "\t", "\"", "\u{FEFF}"].contains($0) }
        let scalars = field.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isPadding($0) }),
            let last = scalars.lastIndex(where: { !isPadding($0) })
        else { return "" }
        return String(field[first...last])
    }
}

extension AdminPortedNumber {
    fileprivate init(_ mobile: String, _ network: String) {
        self.init()
        self.mobile = mobile
        self.network = network
    }
}
