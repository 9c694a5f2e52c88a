import Foundation
import GRDB
import Messaging
import Store
import Synchronization
import Testing

struct OpeningTests {
    @Test(arguments: ["not a database at all", String(repeating: "SQLite format 3\u{0}", count: 400)])
    func `a damaged file is named, kept and not touched`(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/" + Store.fileName
        let bytes = Data(text.utf8)
        try bytes.write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: StoreFailure.self) { try Store(directory: directory.path) }
        guard case .damaged(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sentence.contains(path))
        #expect(sentence.contains("backup"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func `a file of a newer version is refused and kept`() async throws {
        let world = try World()
        _ = try await world.account()
        await world.store.close()
        try world.sql { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 of the future')") }
        let failure = #expect(throws: StoreFailure.self) { try Store(directory: world.directory.path) }
        guard case .damaged(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sentence.contains("newer version"))
        #expect(try world.count("SELECT COUNT(*) FROM account") == 1)
    }

    @Test func `an empty file is damage, and what a first start left half made is not`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/" + Store.fileName
        // Killed while it made the file.
        try Data("half".utf8).write(to: URL(fileURLWithPath: path + ".new"))
        let store = try Store(directory: directory.path)
        await store.close()
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreFailure.self) { try Store(directory: directory.path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }

    @Test func `commits that wrote and what the file did not allow are told of`() async throws {
        let world = try World()
        let told = Mutex<[StoreFailure?]>([])
        world.store.observe { failure in told.withLock { $0.append(failure) } }
        _ = try await world.account()
        #expect(told.withLock { $0 } == [nil])
        _ = try await world.store.synchronousLevel()
        await #expect(throws: StoreFailure.alreadyExists) { try await world.account() }
        #expect(told.withLock { $0 } == [nil])
        try world.sql { try $0.execute(sql: "DROP TABLE counter") }
        await #expect(throws: StoreFailure.self) { try await world.store.probe() }
        #expect(told.withLock { $0 }.count == 2)
    }

    @Test func `the observer is called as directly after many commits as after the first`() async throws {
        let world = try World()
        let depths = Mutex<[Int]>([])
        world.store.observe { _ in
            depths.withLock { $0.append(Thread.callStackReturnAddresses.count) }
        }
        for account in 0..<40 { _ = try await world.account("A\(account)") }
        let seen = depths.withLock { $0 }
        #expect(seen.count == 40)
        #expect(try #require(seen.last) < #require(seen.first) + 20)
    }

    @Test func `a folder that is not there is a failure in words`() {
        #expect(throws: StoreFailure.self) { try Store(directory: "/nonexistent/yizhan") }
    }

    @Test func `an account and all that it is made of survive a reopen`() async throws {
        var world = try World()
        let account = Account(
            id: "A1", name: "驿站", price: Money(microYuan: 31_500), payment: .postpaid, chargeUnit: .count,
            creditLimit: 77, refundRule: .failed, allowsPlainPassword: true,
            allowedNetworks: ["10.0.0.0/8", "2001:db8::/32"].compactMap { IPNetwork($0) }, accessExtension: "88",
            signature: "【驿站】", connectionLimit: 3, isEnabled: false)
        let number = try await world.store.insert(account, sealedSecrets: [9, 8, 7], openingBalance: 5, at: World.noon)
            .key
        try await world.reopen()
        let stored = try await world.store.accounts()
        #expect(stored.map(\.account) == [account])
        #expect(stored.first?.sealedSecrets == [9, 8, 7])
        #expect(stored.first?.balance == 5)
        #expect(stored.first?.key == number)
        var changed = account
        changed.signature = ""
        changed.isEnabled = true
        try await world.store.update(changed, key: number, sealedSecrets: [1])
        #expect(try await world.store.accounts().map(\.account) == [changed])
    }

    @Test func `an account or channel is made once and only what is there can be changed`() async throws {
        let world = try World()
        let account = try await world.account()
        _ = try await world.channel()
        await #expect(throws: StoreFailure.alreadyExists) { try await world.account() }
        await #expect(throws: StoreFailure.alreadyExists) { try await world.channel() }
        await #expect(throws: StoreFailure.notFound) {
            try await world.store.update(Account(id: "J10009"), key: account + 1, sealedSecrets: [])
        }
        #expect(try await world.store.accounts().count == 1)
        #expect(try await world.store.channels().count == 1)
        #expect(try await world.store.verifyLedger().entries == 1)
    }

    @Test func `a channel and all that it is made of survive a reopen`() async throws {
        var world = try World()
        let channel = Channel(
            name: "one", accessNumber: "1069", networks: NetworkSet([.unicom, .international]), priority: -3,
            ratePerSecond: 250, connectionLimit: 2, isEnabled: false)
        var stored = StoredChannel(
            key: 0, channel: channel, dialect: "operator-v2", url: "http://127.0.0.1:1", user: "u",
            sealedPassword: [1, 2, 3])
        stored.key = try await world.store.insert(stored, at: World.noon)
        try await world.reopen()
        let read = try await world.store.channels()
        #expect(read.map(\.channel) == [channel])
        #expect(read.first?.sealedPassword == [1, 2, 3])
        stored.channel.ratePerSecond = nil
        stored.url = "http://127.0.0.1:2"
        try await world.store.update(stored)
        #expect(try await world.store.channels().first?.channel.ratePerSecond == nil)
        #expect(try await world.store.channels().first?.url == "http://127.0.0.1:2")
        stored.key += 1
        let (store, stranger) = (world.store, stored)
        await #expect(throws: StoreFailure.notFound) { try await store.update(stranger) }
    }
}
