import Foundation
import Messaging
import Testing

@testable import Store

/// The marker beside the database: what was lost is seen, and no number is given out twice.
struct MarkerTests {
    private static let sample = MarkerContent(
        generation: 7, condition: .running, given: .init(sequence: 5, attempt: 6, outbox: 1),
        reserved: .init(
            sequence: MessageSequence(1 << 38 | 9), attempt: 6,
            outbox: OutboxEntryID(MessageID.lastSequence.rawValue + 1)))

    // MARK: The text

    @Test(arguments: [MarkerContent.Condition.running, .clean, .damaged])
    func `it is read as it was written`(condition: MarkerContent.Condition) {
        var content = Self.sample
        content.condition = condition
        #expect(MarkerContent(text: content.text) == content)
    }

    @Test func `any byte that is another one, missing or added makes it unreadable`() {
        let bytes = Array(Self.sample.text.utf8)
        for place in bytes.indices {
            for change in [1, 0x20, 0x80] as [UInt8] {
                var changed = bytes
                changed[place] ^= change
                #expect(MarkerContent(text: String(decoding: changed, as: UTF8.self)) == nil)
            }
            #expect(MarkerContent(text: String(decoding: bytes[..<place], as: UTF8.self)) == nil)
            #expect(
                MarkerContent(text: String(decoding: bytes[..<place] + [0x30] + bytes[place...], as: UTF8.self)) == nil)
        }
    }

    @Test func `numbers stay within what there is, and one that does not is no marker's`() {
        let end = MessageID.lastSequence + 1
        let numbers = MarkerContent.Numbers(sequence: end - 5, attempt: 1, outbox: OutboxEntryID(end.rawValue))
        #expect(numbers.advanced(by: 10) == .init(sequence: end, attempt: 11, outbox: OutboxEntryID(end.rawValue)))
        var beyond = Self.sample
        beyond.reserved.outbox = .max
        #expect(MarkerContent(text: beyond.text) == nil)
        beyond = Self.sample
        beyond.generation = .max
        #expect(MarkerContent(text: beyond.text) == nil)
        #expect(!numbers.exceeds(numbers) && numbers.advanced(by: 1).exceeds(numbers))
    }

    // MARK: What is a loss

    private struct Case: Sendable {
        var words: String?
        var condition = MarkerContent.Condition.running
        var log = LogScan.State.sound
        var generation: Int64 = 7
        var numbers = MarkerContent.Numbers(sequence: 5, attempt: 6, outbox: 1)
    }

    private static let cases = [
        Case(words: nil), Case(words: nil, numbers: .init(sequence: 900, attempt: 900, outbox: 900)),
        Case(words: nil, condition: .clean, log: .missing), Case(words: nil, condition: .clean),
        Case(words: nil, condition: .damaged, log: .missing), Case(words: nil, generation: 8),
        Case(words: "missing or empty", log: .missing), Case(words: "frame 3", log: .damaged("frame 3")),
        Case(words: "frame 3", condition: .clean, log: .damaged("frame 3")),
        Case(words: "start 6 of 7", condition: .clean, log: .missing, generation: 6),
        Case(words: "next sequence is 4, and it was 5", numbers: .init(sequence: 4, attempt: 6, outbox: 1)),
        Case(words: "next attempt is 5", numbers: .init(sequence: 5, attempt: 5, outbox: 1)),
        Case(words: "next outbox is 0", numbers: .init(sequence: 5, attempt: 6, outbox: 0)),
    ]

    @Test(arguments: cases.indices) func `what is a loss and what is not`(index: Int) throws {
        let given = Self.cases[index]
        var marker = Self.sample
        marker.condition = given.condition
        let stored = DatabaseFile.Stored(generation: given.generation, numbers: given.numbers)
        let loss = try StoreOpening.loss(marker, stored, given.log)
        if let words = given.words {
            #expect(loss?.contains(words) == true, "\(loss ?? "-")")
        } else {
            #expect(loss == nil)
        }
    }

    @Test func `without a marker only the log can tell`() throws {
        #expect(try StoreOpening.loss(nil, .init(), .missing) == nil)
        #expect(try StoreOpening.loss(nil, .init(), .damaged("x")) == "x")
    }

    // MARK: A real folder

    private func marker(_ world: World) throws -> MarkerContent {
        try #require(try StateMarker.read(in: world.directory.path))
    }

    private func refusal(_ world: World) -> String {
        let failure = #expect(throws: StoreFailure.self) { try Store(directory: world.directory.path) }
        guard case .damaged(let sentence) = failure else { return "\(String(describing: failure))" }
        return sentence
    }

    /// A folder as a process leaves it that ended without a word: a copy, since the files of a store that is open in
    /// this process are shared with whoever opens them.
    private func crashed(messages: Int, keepsLog: Bool) async throws -> TemporaryDirectory {
        let world = try World()
        let account = try await world.account()
        for _ in 0..<messages { _ = try await world.send(account) }
        let folder = try TemporaryDirectory()
        for name in [Store.fileName, StateMarker.fileName] + (keepsLog ? [Store.fileName + "-wal"] : []) {
            try FileManager.default.copyItem(
                atPath: world.directory.path + "/" + name, toPath: folder.path + "/" + name)
        }
        return folder
    }

    @Test func `it says that the database is open, how far its numbers have come, and that it was closed`() async throws
    {
        var world = try World()
        let account = try await world.account()
        #expect(try marker(world).condition == .running)
        #expect(try marker(world).generation == 1)
        #expect(try marker(world).reserved == MarkerContent.Numbers().advanced(by: StateMarker.step))
        _ = try await world.send(account)
        let numbers = MarkerContent.Numbers(sequence: 2, attempt: 1, outbox: 1)
        await world.store.close()
        #expect(
            try marker(world) == MarkerContent(generation: 1, condition: .clean, given: numbers, reserved: numbers))
        try world.crash()
        #expect(try marker(world).generation == 2)
        #expect(try marker(world).given == numbers)
        #expect(try await world.send(account) == 2)
        #expect(world.store.acceptedLoss == nil)
    }

    @Test func `more numbers are reserved before they are given out`() async throws {
        var world = try World()
        let account = try await world.account()
        try await world.reopen(at: MessageSequence(MessageID.sequenceMax))
        let before = try marker(world).reserved.sequence
        #expect(before == MessageSequence(MessageID.sequenceMax + StateMarker.step))
        _ = try await world.send(account)
        #expect(try marker(world).reserved.sequence == before)
        let next = try await world.send(account)
        #expect(next > before)
        #expect(try marker(world).reserved.sequence == next + 1 + StateMarker.step)
        #expect(try marker(world).given.sequence == MessageSequence(MessageID.sequenceMax + 1))
    }

    @Test func `while the marker cannot be written, nothing beyond what is reserved is given out`() async throws {
        var world = try World()
        let account = try await world.account()
        try await world.reopen(at: MessageSequence(MessageID.sequenceMax))
        _ = try await world.send(account)
        let aside = world.directory.path + "/" + StateMarker.fileName + ".new"
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
        let failure = await #expect(throws: StoreFailure.self) { try await world.send(account) }
        #expect(failure?.isOfDisk == true)
        #expect(try await world.balance(account) == World.opening - World.price)
        try FileManager.default.removeItem(atPath: aside)
        #expect(try await world.send(account) == MessageSequence(1 << 38 | 1))
    }

    @Test func `what a crash leaves is no loss`() async throws {
        let folder = try await crashed(messages: 5, keepsLog: true)
        let store = try Store(directory: folder.path)
        #expect(store.acceptedLoss == nil)
        #expect(try await store.nextMessage().rawValue == 6)
        await store.close()
    }

    @Test func `a log that is gone is a loss, and what is given out after it is new`() async throws {
        let folder = try await crashed(messages: 5, keepsLog: false)
        let path = folder.path + "/" + Store.fileName
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for _ in 0..<2 {
            let failure = #expect(throws: StoreFailure.self) { try Store(directory: folder.path) }
            guard case .damaged(let sentence) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(sentence.contains(path) && sentence.contains("backup") && sentence.contains("--accept-loss"))
            #expect(sentence.contains("missing or empty"), "\(sentence)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        let accepted = try Store(directory: folder.path, acceptsLoss: true)
        #expect(accepted.acceptedLoss?.contains("missing or empty") == true)
        await accepted.close()
        // Once is enough.
        var world = try World(directory: folder)
        #expect(world.store.acceptedLoss == nil)
        let account = try await world.account("J10009")
        let first = try await world.send(account, ["x", "13800138000"])
        #expect(first == MessageSequence(1 + StateMarker.step))
        #expect(try await world.begin(try await world.channel(), [first + 1]) == 1 + StateMarker.step)
        #expect(try await world.collect(account).count == 1)
        #expect(try world.count("SELECT MAX(id) FROM report") == 1 + StateMarker.step)
        try await world.reopen()
        #expect(try await world.send(account) == first + 2)
    }

    @Test func `an older database is told from the one that was used last`() async throws {
        var world = try World()
        let account = try await world.account()
        await world.store.close()
        let backup = world.path + ".backup"
        try FileManager.default.copyItem(atPath: world.path, toPath: backup)
        try world.crash()
        for _ in 0..<3 { _ = try await world.send(account) }
        await world.store.close()
        try FileManager.default.removeItem(atPath: world.path)
        try FileManager.default.copyItem(atPath: backup, toPath: world.path)
        #expect(refusal(world).contains("start 1 of 2"))
        let store = try Store(directory: world.directory.path, acceptsLoss: true)
        #expect(try await store.nextMessage().rawValue == 4)
        await store.close()
        try world.crash()
        #expect(try await world.send(account) == 4)
    }

    @Test func `a database that is gone is not made anew while its marker is there`() async throws {
        let world = try World()
        await world.store.close()
        try FileManager.default.removeItem(atPath: world.path)
        #expect(refusal(world).contains("is missing, but its marker"))
        let store = try Store(directory: world.directory.path, acceptsLoss: true)
        #expect(store.acceptedLoss == "it was missing")
        await store.close()
    }

    @Test func `none is made beside a key`() throws {
        let directory = try TemporaryDirectory()
        let failure = #expect(throws: StoreFailure.self) { try Store(directory: directory.path, creates: false) }
        guard case .damaged(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sentence.contains("yizhan init") && sentence.contains("mount"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func `a marker that cannot be read is no reason to go on as if there were none`() async throws {
        var world = try World()
        let account = try await world.account()
        await world.store.close()
        try Data("yizhan".utf8).write(to: URL(fileURLWithPath: world.directory.path + "/" + StateMarker.fileName))
        #expect(refusal(world).contains("cannot be understood"))
        let store = try Store(directory: world.directory.path, acceptsLoss: true)
        await store.close()
        try world.crash()
        #expect(try await world.send(account) > MessageSequence(2 * StateMarker.step))
    }

    @Test func `a folder of an older version gets its marker at the first start`() async throws {
        var world = try World()
        await world.store.close()
        try FileManager.default.removeItem(atPath: world.directory.path + "/" + StateMarker.fileName)
        try world.crash()
        #expect(world.store.acceptedLoss == nil)
        #expect(try marker(world).generation == 2)
    }
}
