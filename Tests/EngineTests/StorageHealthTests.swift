import Logging
import Messaging
import Synchronization
import Testing

@testable import Engine

struct StorageHealthTests {
    /// A clock that is set by hand, and what was logged.
    private final class Fixture: Sendable {
        let now = Mutex<Int64>(1_000_000)
        let lines = Mutex<[String]>([])

        func pass(_ milliseconds: Int64) { now.withLock { $0 += milliseconds } }

        func health() -> StorageHealth {
            StorageHealth(
                clock: Clock { Timestamp(milliseconds: self.now.withLock { $0 }) },
                logger: Logger(label: "watch") { _ in Recorder(fixture: self) })
        }
    }

    private struct Recorder: LogHandler {
        let fixture: Fixture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            fixture.lines.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }

    private static let full = StoreFailure.unavailable("database or disk is full")

    @Test func `trouble is said once when it begins and once when it ends`() {
        let fixture = Fixture()
        let health = fixture.health()
        health.note(nil)
        #expect(health.problem == nil)
        for _ in 0..<100 { health.note(Self.full) }
        #expect(health.isFailing)
        #expect(health.problem?.contains("database or disk is full") == true)
        #expect(health.problem?.contains("since 1970-01-01 08:16:40") == true)
        #expect(fixture.lines.withLock { $0.count } == 1)
        fixture.pass(5_000)
        for _ in 0..<100 { health.note(nil) }
        #expect(!health.isFailing)
        #expect(health.problem == nil)
        #expect(fixture.lines.withLock { $0.map { $0.prefix(8) } } == ["critical", "notice: "])
    }

    @Test func `a small commit between failures does not end it`() {
        let fixture = Fixture()
        let health = fixture.health()
        for _ in 0..<20 {
            health.note(Self.full)
            fixture.pass(StorageHealth.calm - 1)
            health.note(nil)
            #expect(health.isFailing)
        }
        #expect(fixture.lines.withLock { $0.count } == 1)
        fixture.pass(1)
        health.note(nil)
        #expect(!health.isFailing)
    }

    @Test func `damage does not pass, and is said even when the disk was full before`() {
        let fixture = Fixture()
        let health = fixture.health()
        health.note(Self.full)
        health.note(.damaged("database disk image is malformed"))
        fixture.pass(60_000)
        health.note(nil)
        health.note(Self.full)
        #expect(health.isFailing)
        #expect(health.problem?.contains("malformed") == true)
        #expect(health.problem?.contains("backup") == true)
        #expect(fixture.lines.withLock { $0.count } == 2)
    }
}
