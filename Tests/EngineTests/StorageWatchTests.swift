import Logging
import Messaging
import Synchronization
import Testing

@testable import Engine

struct StorageWatchTests {
    /// A clock that is set by hand, and what was logged.
    private final class Desk: Sendable {
        let now = Mutex<Int64>(1_000_000)
        let lines = Mutex<[String]>([])

        func pass(_ milliseconds: Int64) { now.withLock { $0 += milliseconds } }

        func watch() -> StorageWatch {
            StorageWatch(
                clock: Clock { Timestamp(milliseconds: self.now.withLock { $0 }) },
                logger: Logger(label: "watch") { _ in Recorder(desk: self) })
        }
    }

    private struct Recorder: LogHandler {
        let desk: Desk
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            desk.lines.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }

    private static let full = StoreFailure.unavailable("database or disk is full")

    @Test func `trouble is said once when it begins and once when it ends`() {
        let desk = Desk()
        let watch = desk.watch()
        watch.note(nil)
        #expect(watch.problem == nil)
        for _ in 0..<100 { watch.note(Self.full) }
        #expect(watch.isFailing)
        #expect(watch.problem?.contains("database or disk is full") == true)
        #expect(watch.problem?.contains("since 1970-01-01 08:16:40") == true)
        #expect(desk.lines.withLock { $0.count } == 1)
        desk.pass(5_000)
        for _ in 0..<100 { watch.note(nil) }
        #expect(!watch.isFailing)
        #expect(watch.problem == nil)
        #expect(desk.lines.withLock { $0.map { $0.prefix(8) } } == ["critical", "notice: "])
    }

    @Test func `a small commit between failures does not end it`() {
        let desk = Desk()
        let watch = desk.watch()
        for _ in 0..<20 {
            watch.note(Self.full)
            desk.pass(StorageWatch.calm - 1)
            watch.note(nil)
            #expect(watch.isFailing)
        }
        #expect(desk.lines.withLock { $0.count } == 1)
        desk.pass(1)
        watch.note(nil)
        #expect(!watch.isFailing)
    }

    @Test func `damage does not pass, and is said even when the disk was full before`() {
        let desk = Desk()
        let watch = desk.watch()
        watch.note(Self.full)
        watch.note(.damaged("database disk image is malformed"))
        desk.pass(60_000)
        watch.note(nil)
        watch.note(Self.full)
        #expect(watch.isFailing)
        #expect(watch.problem?.contains("malformed") == true)
        #expect(watch.problem?.contains("backup") == true)
        #expect(desk.lines.withLock { $0.count } == 2)
    }
}
