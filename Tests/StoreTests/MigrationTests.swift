import Foundation
import GRDB
import Messaging
import Testing

@testable import Store

struct ParkingMigrationTests {
    @Test func `what an older version parked is tried again, and keeps its name`() async throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.path + "/" + Store.fileName)
        try Schema.migrator.migrate(queue, upTo: "1 spine")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO channel VALUES (1, 'sim', '1069', 15, 0, NULL, 8, 1, 'operator-v2', 'u', 'u', x'00', 0);
                    INSERT INTO parked_report VALUES (7, 1, 1000, 'm9', 5, NULL, 1, '138', 'DELIVRD', 'd', 900);
                    INSERT INTO parked_reply VALUES (8, 1, 1000, '138', '1069', 'T', 900);
                    INSERT INTO inbound VALUES (9, 1, 3, 1000, NULL, x'0102');
                    """)
        }
        try queue.close()
        let store = try Store(directory: directory.path)
        let items = try await store.parkedItems(ParkedFilter(), limit: 10)
        #expect(items.map(\.id.text) == ["R7", "M8", "B9"])
        #expect(items.allSatisfy { $0.state == .waiting && $0.channel == "sim" })
        #expect(try await store.hasParkedDue(at: World.noon))
        #expect(try await store.retryReports(at: World.noon, limit: 10).tried == 1)
        #expect(try await store.dueReplies(at: World.noon, limit: 10).map(\.reply.content) == ["T"])
        #expect(try await store.pendingInbound().map(\.body) == [[1, 2]])
        let channel = try #require(try await store.channels().first?.channel)
        #expect(channel.uncertainRule == .hold)
        #expect(channel.uncertainAfter == Channel.uncertainAfterDefault)
        #expect(try await store.keep([3], of: .pushed, from: 1, at: World.noon) == 10)
        await store.close()
    }
}
