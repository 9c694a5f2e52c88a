import Testing

/// The stored numbers of states and kinds have names, which stand in SQL; the numbers do not.
struct StateLiteralTests {
    private static func literals(in text: String) -> [String] {
        let pattern = #/\b(state|kind)\s*(=|<>|!=|<|>|NOT IN|IN)\s*\(?\s*[0-9][^"]*/#.wordBoundaryKind(.simple)
        return text.matches(of: pattern).map { String($0.output.0.prefix(40)) }
    }

    @Test func `no query has a state as a number`() throws {
        let repository = try Repository()
        let files = repository.files(in: "Sources", endings: [".swift"])
        let found = files.flatMap { path in
            Self.literals(in: repository.text(path) ?? "").map { "\(path): \($0)" }
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
        #expect(files.count > 100)
    }

    @Test(arguments: [
        "WHERE state = 1", "m.state IN (3, 4)", "state NOT IN (3)", "SET state = 2, attempt", "kind = 2", "state <> 0",
    ])
    func `such a number is found`(sql: String) {
        #expect(!Self.literals(in: sql).isEmpty)
    }

    @Test(arguments: ["state = ?1", "WHERE \\(MessageState.queued.condition)", "estate = 1", "state IN (SELECT 1)"])
    func `other words are not`(sql: String) {
        #expect(Self.literals(in: sql).isEmpty)
    }
}
