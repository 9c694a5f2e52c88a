import AdminProtocol
import ArgumentParser
import Glibc

/// What every command that speaks to a running appliance takes.
struct AdminOptions: ParsableArguments {
    static let socketDefault = "/run/yizhan/admin.sock"
    static let socketVariable = "YIZHAN_ADMIN_SOCKET"

    @Option(
        name: .customLong("admin-socket"),
        help: ArgumentHelp(
            "The appliance's administration socket; else $\(Self.socketVariable), else \(Self.socketDefault).",
            valueName: "path"))
    var socket: String?

    @Flag(
        help: """
            Print JSON with stable keys, those of the protocol's schema. Money is a string in yuan ("0.029000") \
            beside an integer in micro-yuan (…_micro); what an account is charged in is a string in yuan or \
            segments beside an integer (…_units) in micro-yuan or segments, as charge_by says. Times (…_at_ms) are \
            milliseconds since 1970-01-01 UTC.
            """)
    var json = false

    var socketPath: String {
        if let socket { return socket }
        if let variable = getenv(Self.socketVariable), variable.pointee != 0 { return String(cString: variable) }
        return Self.socketDefault
    }

    /// Connects, does `body`, and turns what can go wrong into a sentence and an exit code: 69 when the service cannot
    /// be reached, 1 for everything else.
    func connected<Result>(
        timeout: Duration = AdminClient.timeoutDefault, _ body: (AdminClient) throws -> Result
    ) throws -> Result {
        do {
            let client = try AdminClient(
                path: socketPath, software: "yizhan \(Yizhan.configuration.version)", timeout: timeout)
            return try body(client)
        } catch let error as AdminClientError {
            Terminal.complain(error.description)
            if case .cannotConnect = error { throw ExitCode(EX_UNAVAILABLE) }
            throw ExitCode(1)
        }
    }

    /// Prints one or the other.
    func show(json value: @autoclosure () -> JSONText, text: @autoclosure () -> String) throws {
        let output = json ? value().description : text()
        guard Terminal.write(Array("\(output)\n".utf8)) else {
            throw Terminal.failure("The output cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
