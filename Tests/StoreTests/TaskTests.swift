import Messaging
import Testing

@testable import Store

struct TaskTests {
    private static let now = Timestamp(milliseconds: 1_720_497_600_000)

    private func id(_ number: Int) throws -> TaskID {
        let digits = String(number, radix: 16)
        return try #require(TaskID(rawValue: String(repeating: "0", count: 32 - digits.utf8.count) + digits))
    }

    private func record(_ number: Int, _ kind: TaskKind = .import, account: AccountKey? = 7) throws -> TaskRecord {
        TaskRecord(
            id: try id(number), kind: kind, account: account, user: "u",
            createdAt: Self.now.adding(milliseconds: Int64(number)), expiresAt: Self.now.adding(milliseconds: 1_000),
            parameters: "{}")
    }

    @Test(arguments: [
        "", "0", "../../../../../../../../../etc/passwd", "0123456789abcdef0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abcde/",
    ])
    func `an id is 32 small hexadecimal digits and nothing else`(_ text: String) {
        #expect(TaskID(rawValue: text) == nil)
    }

    @Test func `a task is kept as it was, and an account sees its own only`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        var task = try record(1)
        task.fileName = "名单.xlsx"
        try await store.add(task, openMax: 20)
        try await store.add(try record(2, account: 8), openMax: 20)
        try await store.add(try record(3, .export, account: nil), openMax: 20)
        #expect(try await store.task(task.id) == task)
        #expect(try await store.task(try id(9)) == nil)
        let kinds = Set(TaskKind.allCases)
        #expect(try await store.tasks(of: [7], kinds: kinds, limit: 9).map(\.id) == [task.id])
        #expect(try await store.tasks(of: nil, kinds: kinds, limit: 9).map(\.id) == [try id(3)])
        #expect(try await store.tasks(of: [7, 8], kinds: kinds, limit: 9).map(\.id) == [try id(2), try id(1)])
        #expect(try await store.tasks(of: [7, 8], kinds: [.batch], limit: 9).isEmpty)
        await #expect(throws: StoreFailure.alreadyExists) { try await store.add(task, openMax: 20) }
        await store.close()
    }

    @Test func `an account has so many open tasks and no more`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        for number in 1...2 { try await store.add(try record(number), openMax: 2) }
        await #expect(throws: StoreFailure.busy("the account has 2 tasks that wait or run")) {
            try await store.add(try record(3), openMax: 2)
        }
        var change = TaskChange()
        change.state = .failed
        #expect(try await store.change(try id(1), in: [.waiting], change))
        try await store.add(try record(3), openMax: 2)
        #expect(try await store.openTasks(limit: 9).map(\.id) == [try id(2), try id(3)])
        await store.close()
    }

    @Test func `a change is made only in the states that it is meant for`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        try await store.add(try record(1), openMax: 9)
        var change = TaskChange()
        (change.state, change.done, change.error) = (.running, 5, "x")
        #expect(try await !store.change(try id(1), in: [.running], change))
        #expect(try await store.change(try id(1), in: [.waiting, .running], change))
        let task = try #require(try await store.task(try id(1)))
        #expect(task.state == .running)
        #expect(task.done == 5)
        #expect(task.error == "x")
        #expect(task.parameters == "{}")
        await store.close()
    }

    @Test func `a quote becomes a batch once`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        try await store.add(try record(1, .quote), openMax: 9)
        let end = Self.now.adding(milliseconds: 99)
        #expect(try await !store.confirmBatch(try id(1), at: Self.now, expiresAt: end))
        var change = TaskChange()
        (change.state, change.fingerprint) = (.done, [1, 2, 3])
        #expect(try await store.change(try id(1), in: [.waiting], change))
        #expect(try await store.batch(of: 7, fingerprint: [1, 2, 3], since: Self.now) == nil)
        #expect(try await store.confirmBatch(try id(1), at: Self.now, expiresAt: end))
        #expect(try await !store.confirmBatch(try id(1), at: Self.now, expiresAt: end))
        let batch = try #require(try await store.batch(of: 7, fingerprint: [1, 2, 3], since: Self.now))
        #expect(batch.kind == .batch)
        #expect(batch.state == .waiting)
        #expect(batch.sentAt == Self.now)
        #expect(try await store.batch(of: 8, fingerprint: [1, 2, 3], since: Self.now) == nil)
        #expect(try await store.batch(of: 7, fingerprint: [1, 2, 3], since: end) == nil)
        await store.close()
    }

    @Test func `tasks expire when they are over`() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        for number in 1...2 { try await store.add(try record(number), openMax: 9) }
        var change = TaskChange()
        change.state = .cancelled
        try await store.change(try id(1), in: [.waiting], change)
        let later = Self.now.adding(milliseconds: 1_000)
        #expect(try await store.expiredTasks(at: Self.now, limit: 9).isEmpty)
        #expect(try await store.expiredTasks(at: later, limit: 9) == [try id(1)])
        try await store.removeTasks([try id(1)])
        #expect(try await store.task(try id(1)) == nil)
        await store.close()
    }
}
