import Dispatch
import Messaging
import Testing

/// Whatever comes to a door, over HTTP and with a real engine and store behind it: a request that is refused changes
/// no balance and writes no message, one that is accepted costs what its messages cost, and every answer is one of the
/// dialect it was asked in.
@Suite struct HostileHandlerTests {
    private static let accounts = 32
    /// Between two requests of one account: wrong credentials that far apart never shut anybody out.
    private static let pause: Int64 = 76_000

    /// What came of it all.
    private struct Tally {
        var (refused, served, accepted) = (0, 0, 0)
        var messages: [Int]
        var charged: [Int64]

        init(accounts: Int) {
            messages = Array(repeating: 0, count: accounts)
            charged = Array(repeating: 0, count: accounts)
        }
    }

    /// A request that broke a rule, and how to have it again.
    private struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    private static func run(_ dialect: some HostileDialect, requests: Int, seed: UInt64) async throws {
        try await HostileHouse.with(accounts: accounts) { house in
            // The answers are waited for on a thread that nothing else needs.
            let tally = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue(label: "hostile").async {
                    continuation.resume(with: Result { try ask(house, dialect, requests: requests, seed: seed) })
                }
            }
            #expect(tally.refused > requests / 20)
            #expect(tally.accepted > requests / 20)
            for (place, account) in house.accounts.enumerated() {
                let balance = account.opening - tally.charged[place]
                #expect(account.balance == balance)
                let books = HostileHouse.Books(
                    balance: balance, charged: tally.charged[place], messages: tally.messages[place])
                #expect(try house.books(of: account) == books, "\(account.id), seed \(seed)")
            }
            let ledger = try await house.ledger()
            #expect(ledger.differences.isEmpty)
            #expect(ledger.accounts == accounts)
        }
    }

    /// One request of each account at a time, so that each balance tells of one request.
    private static func ask(
        _ house: HostileHouse, _ dialect: some HostileDialect, requests: Int, seed: UInt64
    ) throws -> Tally {
        var wire = RandomWire(seed: seed)
        var tally = Tally(accounts: house.accounts.count)
        let sockets = try house.accounts.map { _ in try HandlerSocket(port: house.port) }
        for round in 0..<requests / house.accounts.count {
            var asked: [HandlerRequest] = []
            for (account, socket) in zip(house.accounts, sockets) {
                var request = dialect.request(by: account, at: house.now, &wire)
                wire.mutate(&request)
                if !wire.oneIn(4) { dialect.seal(&request, by: account) }
                asked.append(request)
                try socket.send(request)
            }
            for (place, account) in house.accounts.enumerated() {
                let answer = try sockets[place].answer()
                do {
                    guard answer.status == 200 else { throw WrongAnswer(description: "HTTP \(answer.status)") }
                    let outcome = try dialect.outcome(of: asked[place], answer.body)
                    try judge(outcome, of: account, &tally, place)
                } catch {
                    throw Broken(
                        description: "seed \(seed), round \(round), account \(place): \(error)\n"
                            + "\(asked[place].path) \(asked[place].headers)\n\(text(asked[place].body))\n"
                            + text(answer.body))
                }
            }
            house.advance(milliseconds: pause)
        }
        return tally
    }

    private static func judge(
        _ outcome: HandlerOutcome, of account: HostileAccount, _ tally: inout Tally, _ place: Int
    ) throws {
        switch outcome {
        case .refused: tally.refused += 1
        case .served: tally.served += 1
        case .accepted(let submission):
            tally.accepted += 1
            tally.messages[place] += submission.recipientCount
            for part in submission.parts {
                let numbers = part.recipients.filter { if case .number = $0 { true } else { false } }
                let segments = numbers.count * Segmentation.count(of: part.content)
                tally.charged[place] += account.account.cost(segments: segments)
            }
        }
        let expected = account.opening - tally.charged[place]
        guard account.balance == expected else {
            throw WrongAnswer(description: "\(outcome): balance \(account.balance) and not \(expected)")
        }
    }

    @Test func `100,000 mutated requests of dialect 000 cost what is accepted, and nothing else`() async throws {
        try await Self.run(HostileEnterprise(), requests: 100_000, seed: 1000)
    }

    @Test func `100,000 mutated requests of dialect 001 cost what is accepted, and nothing else`() async throws {
        try await Self.run(HostileApiV1(), requests: 100_000, seed: 1001)
    }

    @Test func `100,000 mutated requests of dialect 002 cost what is accepted, and nothing else`() async throws {
        try await Self.run(HostileOperatorV2(), requests: 100_000, seed: 1002)
    }

    @Test func `100,000 mutated requests of dialect 003 cost what is accepted, and nothing else`() async throws {
        try await Self.run(HostileGuodu(), requests: 100_000, seed: 1003)
    }

    @Test func `100,000 mutated requests of dialect 004 cost what is accepted, and nothing else`() async throws {
        try await Self.run(HostileYixintong(), requests: 100_000, seed: 1004)
    }
}
