import Testing

@Suite("A client in another language, written from PROTOCOL.md and the schema")
struct PythonClientTests {
    /// Debian's own Python, which is what python3-protobuf belongs to.
    private static func run(_ arguments: [String]) async throws -> Program.Outcome {
        let script = Program.root + "/Tests/Clients/admin_client.py"
        return try await Program.run("/usr/bin/python3", [script] + arguments)
    }

    private static func lines(_ output: String) throws -> [JSONNode] {
        try output.split(separator: "\n").map { try JSONNode($0) }
    }

    @Test func `it says hello, asks for the status and lists the accounts`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run([test.path, "hello", "status_show", "account_list"])
            try #require(outcome.status == 0, "python3-protobuf and protobuf-compiler are needed: \(outcome.errors)")
            let lines = try Self.lines(outcome.output)
            #expect(lines.count == 4)
            #expect(lines[0]["welcome"]["software"].string == "0.1.0-test")
            #expect(lines[1]["status"]["pid"].integer == 42)
            #expect(lines[1]["status"]["ever"]["accepted_messages"].string == "18446744073709551615")
            let ids = lines[2...].flatMap { $0["accounts"]["accounts"].array }.compactMap { $0["id"].string }
            #expect(ids == ["J10003", "J10004"])
        }
    }

    @Test func `it changes things and is told what is wrong`() async throws {
        try await TestServer.run { test in
            let recharge = #"account_recharge={"id":"J10003","amount_units":"-1000000","charge_by":"CHARGE_BY_MONEY"}"#
            let outcome = try await Self.run([test.path, recharge, #"account_show={"id":"NOBODY"}"#])
            try #require(outcome.status == 1, "\(outcome.errors)")
            let lines = try Self.lines(outcome.output)
            #expect(lines[0]["account"]["balance_units"].string == "99000000")
            #expect(lines[1]["error"]["code"].string == "NOT_FOUND")
            #expect(lines[1]["error"]["message"].string == "there is no account NOBODY")
        }
    }
}
