import AdminProtocol
import Foundation
import Glibc
import HTTPCore
import NIOCore
import Testing

@testable import yizhan

/// What people read when something is wrong: what, with the value, and what to do.
struct WordsTests {
    private static func run(_ arguments: [String]) async throws -> Program.Outcome {
        try await Program.run(
            try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": "/nonexistent/socket"])
    }

    @Test(
        arguments: [
            (["account", "set", "J1", "--nonsense", "3"], "account set", "--nonsense"),
            (["account", "add", "J1", "--api-pasword", "x", "--price", "1"], "account add", "--api-pasword"),
            (["account", "add", "J1", "--api-password", "x", "--prize=1"], "account add", "--prize"),
            (["channel", "set", "c", "--urls", "x"], "channel set", "--urls"),
            (["route", "set", "r", "--chanel", "x"], "route set", "--chanel"),
            (["rule", "set", "J1", "--words", "x"], "rule set", "--words"),
            (["route", "ported", "add", "--number", "1"], "route ported add", "--number"),
        ])
    func `a misspelled option is said before what else is missing`(
        _ arguments: [String], _ command: String, _ option: String
    ) async throws {
        let outcome = try await Self.run(arguments)
        #expect(outcome.status == 64)
        let ours = "yizhan: 'yizhan \(command)' has no option \(option): see 'yizhan \(command) --help'\n"
        let parser = "Error: Unknown option '\(option)'"
        #expect(outcome.errors == ours || outcome.errors.hasPrefix(parser), "\(outcome.errors)")
    }

    @Test(arguments: [["--price"], ["--credit", "--price", "1"], ["--balance", "--price", "1"]])
    func `a value below zero is named`(_ options: [String]) async throws {
        let value = [options[0], "-1"] + options.dropFirst()
        let outcome = try await Self.run(["account", "add", "J1", "--api-password", "x"] + value)
        let isBalance = options[0] == "--balance"
        // That is the server's to judge: a postpaid account may begin below zero.
        #expect(outcome.status == (isBalance ? 69 : 64))
        #expect(!outcome.errors.contains("Missing value"))
        #expect(isBalance || outcome.errors.contains("'-1'"), "\(outcome.errors)")
        #expect(isBalance || outcome.errors.contains("not below zero"), "\(outcome.errors)")
    }

    @Test func `values below zero are joined with their options, and nothing else is`() {
        func joined(_ text: String) -> String {
            Yizhan.withValuesJoined(text.split(separator: " ").map(String.init)).joined(separator: " ")
        }
        #expect(joined("channel set c --priority -1 --rate 5") == "channel set c --priority=-1 --rate 5")
        #expect(joined("account add A --price -.5") == "account add A --price=-.5")
        #expect(joined("account add A --api-password - --price 1") == "account add A --api-password - --price 1")
        #expect(joined("account recharge A --json -- -5") == "account recharge A --json -- -5")
        #expect(joined("route explain A -5") == "route explain A -5")
        #expect(joined("simulate --rate=3 -5") == "simulate --rate=3 -5")
    }

    // MARK: Serve

    private static func serve(_ folder: String, _ arguments: [String], _ more: [String: String] = [:]) async throws
        -> String
    {
        let outcome = try await Program.run(
            try Program.yizhan,
            ["serve", "--state", folder + "/state", "--admin-socket", folder + "/admin.sock"] + arguments,
            environment: more)
        #expect(outcome.status == 1)
        return outcome.errors
    }

    @Test func `a configuration that cannot be used is named, with the reason`() async throws {
        try await TestServer.withFolder { folder in
            let file = folder + "/yizhan.yaml"
            let missing = try await Self.serve(folder, ["--config", file])
            #expect(missing.contains("\(file) cannot be read: No such file or directory."), "\(missing)")
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
            let directory = try await Self.serve(folder, ["--config", file])
            #expect(directory.contains("\(file) cannot be read: Is a directory."), "\(directory)")
            try FileManager.default.removeItem(atPath: file)
            try Data("http: [1\n b: : :\n".utf8).write(to: URL(filePath: file))
            let broken = try await Self.serve(folder, ["--config", file])
            #expect(broken.contains("\(file) is not YAML: 2:"), "\(broken)")
            for text in [missing, directory, broken] {
                #expect(!text.contains("NSCocoaErrorDomain") && !text.contains("\u{FFFD}"))
                #expect(text.split(separator: "\n").count == 1)
            }
            // Root reads everything.
            guard getuid() != 0 else { return }
            chmod(file, 0)
            #expect(try await Self.serve(folder, ["--config", file]).contains("cannot be read: Permission denied."))
        }
    }

    @Test func `a port that is taken is named, with what to do`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain -> UInt16 in
                guard bind(descriptor, plain, length) == 0, listen(descriptor, 1) == 0,
                    getsockname(descriptor, plain, &length) == 0
                else { return 0 }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        try #require(port != 0)
        try await TestServer.withFolder { folder in
            let free = "front=127.0.0.1:0"
            let listen = ["--listen", free, "--listen", "callback=127.0.0.1:\(port)"]
            let errors = try await Self.serve(folder, listen)
            #expect(
                errors.contains("yizhan: The listener callback cannot listen on 127.0.0.1:\(port): "), "\(errors)")
            #expect(errors.contains("Address already in use.") && errors.contains("listen.callback"))
            #expect(!errors.contains("descriptor:"))
            let simulate = try await Program.run(
                try Program.yizhan, ["simulate", "--listen", "127.0.0.1:\(port)"])
            #expect(simulate.status == 1)
            #expect(simulate.errors.contains("127.0.0.1:\(port): Address already in use."), "\(simulate.errors)")
        }
    }

    @Test func `what the system says of a listener is said without its calls' names`() {
        func sentence(_ code: Int32, _ source: ListenSource) -> String {
            ListenFailure.sentence(
                IOError(errnoCode: code, reason: "bind(descriptor:ptr:bytes:)"), "front", on: source,
                setting: "--listen")
        }
        #expect(
            sentence(EACCES, .bind(host: "::1", port: 80))
                == "The listener front cannot listen on [::1]:80: Permission denied. "
                + "Ports below 1024 are root's: change --listen.")
        #expect(
            sentence(EINVAL, .adopt(descriptor: 3))
                == "The socket of the listener front that systemd opened cannot be used: Invalid argument.")
    }

    @Test func `a missing master key is said by serve, which the unit lets start`() async throws {
        let unit = try String(contentsOfFile: Program.root + "/packaging/systemd/yizhan.service", encoding: .utf8)
        #expect(unit.contains("\nLoadCredential=master.key:/etc/yizhan/master.key\n"))
        #expect(unit.contains("\nSetCredential=master.key:\(MasterKey.missingMark)\n"))
        try await TestServer.withFolder { folder in
            try Data(MasterKey.missingMark.utf8).write(to: URL(filePath: folder + "/master.key"))
            let errors = try await Self.serve(folder, [], ["CREDENTIALS_DIRECTORY": folder])
            #expect(errors.contains("The master key /etc/yizhan/master.key is missing"), "\(errors)")
            #expect(errors.contains("Put it back from your copy"))
        }
    }

    // MARK: A service that ends

    @Test func `a service that ends before it answers is told from one that refuses`() async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/admin.sock"
            let listener = try AdminListenTests.bound(path)
            #expect(listen(listener, 4) == 0)
            // Says welcome and ends.
            Thread.detachNewThread {
                let peer = accept(listener, nil, nil)
                var buffer = [UInt8](repeating: 0, count: 1 << 12)
                _ = recv(peer, &buffer, buffer.count, 0)
                var envelope = AdminEnvelope()
                envelope.requestID = 1
                envelope.welcome.protocol = AdminFrame.protocolVersion
                let frame = (try? AdminFrame.encode(envelope)) ?? []
                _ = send(peer, frame, frame.count, Int32(MSG_NOSIGNAL))
                _ = recv(peer, &buffer, buffer.count, 0)
                close(peer)
                close(listener)
            }
            let outcome = try await Program.run(
                try Program.yizhan, ["account", "show", "J1"], environment: ["YIZHAN_ADMIN_SOCKET": path])
            #expect(outcome.status == 1)
            #expect(
                outcome.errors
                    == "yizhan: the service ended, or closed the connection, before it answered; whether the request "
                    + "was carried out is not known: look at the service (systemctl status yizhan, journalctl -u "
                    + "yizhan) before you repeat it\n")
        }
    }
}
