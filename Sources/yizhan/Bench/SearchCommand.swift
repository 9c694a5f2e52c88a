internal import ArgumentParser
import Messaging
import Store

/// `yizhan bench search DIRECTORY`: how long the pages' queries take on a filled database.
struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Time the queries of the pages on a database made by bench fill.",
        discussion: """
            Each query is asked for its first page as a page asks it, some times in a row; the slowest is printed. A \
            query that did not look at everything within its budget says so.
            """,
        shouldDisplay: false)

    @Argument(help: "The folder with the database; no appliance may be using it.")
    var directory: String

    @Option(help: "The account whose records are searched.")
    var account = "J10003"

    @Option(help: "How often each query is asked.")
    var rounds = 3

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is from 1 to 1000.") }
    }

    /// What one query took.
    private struct Timing {
        var name: String
        var milliseconds: Int64
        var found: Int
        var isWhole: Bool
    }

    func run() async throws {
        do {
            let store = try Store(directory: directory, creates: false)
            let timings = try await timings(store)
            await store.close()
            show(timings)
        } catch let failure as StoreFailure {
            throw Terminal.failure("\(failure)")
        }
    }

    private func timings(_ store: Store) async throws -> [Timing] {
        guard let key = try await store.accounts().first(where: { $0.account.id == account })?.key else {
            throw Terminal.failure("There is no account \(account).")
        }
        let own = AccountScope([key])
        var timings: [Timing] = []
        for (place, scope) in [("one account", own), ("all accounts", .everything)] {
            for (name, change) in Self.searches {
                var search = MessageSearch(scope: scope)
                change(&search)
                let asked = search
                timings.append(
                    try await time("messages \(name), \(place)") {
                        let page = try await store.search(asked)
                        return (page.items.count, page.lookedBackTo == nil)
                    })
            }
            timings.append(
                try await time("requests, \(place)") {
                    let page = try await store.batches(BatchSearch(scope: scope))
                    return (page.items.count, page.lookedBackTo == nil)
                })
            timings.append(
                try await time("totals of all days, \(place)") {
                    (try await store.dailyTotals(of: scope, days: 0...99_999_999).count, true)
                })
        }
        return timings
    }

    private static let searches: [(String, @Sendable (inout MessageSearch) -> Void)] = [
        ("the latest", { _ in }), ("with a text that all have", { $0.content = "驿站" }),
        ("with a text that none has", { $0.content = "没有这句话" }), ("that failed", { $0.statuses = [.failed] }),
        ("that are scheduled", { $0.statuses = [.scheduled] }),
        ("to a number", { $0.mobile = PhoneNumber(rawValue: 13_800_000_000) }),
    ]

    private func time(_ name: String, _ body: () async throws -> (Int, Bool)) async throws -> Timing {
        var slowest = Timing(name: name, milliseconds: 0, found: 0, isWhole: true)
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            let (found, isWhole) = try await body()
            let milliseconds = Int64((ContinuousClock.now - start) / .milliseconds(1))
            slowest.milliseconds = max(slowest.milliseconds, milliseconds)
            slowest.found = found
            slowest.isWhole = slowest.isWhole && isWhole
        }
        return slowest
    }

    private func show(_ timings: [Timing]) {
        if json {
            let lines = timings.map { timing in
                JSONText.object([
                    ("query", .string(timing.name)), ("slowest_ms", .integer(timing.milliseconds)),
                    ("found", .integer(Int64(timing.found))), ("looked_at_all", .bool(timing.isWhole)),
                ]).description
            }
            print(lines.joined(separator: "\n"))
            return
        }
        let pairs = timings.map { timing in
            (
                timing.name,
                "\(timing.milliseconds) ms, found \(timing.found)" + (timing.isWhole ? "" : ", not all looked at")
            )
        }
        print(TextTable.pairs(pairs))
    }
}
