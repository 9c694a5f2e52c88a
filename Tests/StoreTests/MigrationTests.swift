import Foundation
import GRDB
import Messaging
import Testing

@testable import Store

struct DialectsMigrationTests {
    /// A file as the version before left it: an account and a channel, a request of two parts that a carrier took, and
    /// a parked report.
    private func older() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.path + "/" + Store.fileName)
        try Schema.migrator.migrate(queue, upTo: "4 records")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO account VALUES
                        (1, 'J10003', 'n', 5, 'prepaid', 'count', 0, 'failed', 1, '', '8', '', 9, 1, x'0102', 7, 0);
                    INSERT INTO channel (number, name, access_number, carriers, priority, connection_limit, is_enabled,
                        dialect, url, user, sealed_password, created_at)
                        VALUES (1, 'sim', '1069', 15, 0, 8, 1, 'operator-v2', 'u', 'u', x'03', 0);
                    INSERT INTO submission VALUES (1, 1, 1000, NULL, 1, 1, 1, 'a', 'c1', '', '', '');
                    INSERT INTO submission VALUES (2, 1, 1000, NULL, 2, 1, 1, 'b', 'c1', '', '', '');
                    INSERT INTO message (sequence, submission, mobile, state, attempt) VALUES (1, 1, 13800138000, 2, 1);
                    INSERT INTO message (sequence, submission, mobile, state, attempt) VALUES (2, 2, 13800138001, 2, 2);
                    INSERT INTO attempt VALUES (1, 1, 1000, 1, 1001, 77, NULL, x'0201');
                    INSERT INTO attempt VALUES (2, 1, 1000, 1, 1001, NULL, NULL, x'0401');
                    INSERT INTO parked_report (id, channel, received_at, custom_id, segments, mobile, status, detail)
                        VALUES (7, 1, 1000, 'x', 1, '138', 'DELIVRD', 'd');
                    INSERT INTO counter VALUES ('sequence', 3), ('attempt', 3);
                    """)
        }
        try queue.close()
        return directory
    }

    @Test func `an older version's file gets what the dialects need, and keeps what it has`() async throws {
        let directory = try await older()
        let store = try Store(directory: directory.path)
        let stored = try #require(try await store.accounts().first)
        #expect(stored.account.accessExtension == "8" && stored.account.connectionLimit == 9 && stored.balance == 7)
        #expect(stored.account.clientID.isEmpty && stored.account.enterpriseID.isEmpty && stored.account.spCode.isEmpty)
        #expect(!stored.account.smsSerialStrict && !stored.account.noDataCode)
        let channel = try #require(try await store.channels().first)
        #expect(channel.sealedPassword == [3] && channel.sealedClientSecret == nil && channel.clientID.isEmpty)
        let items = try await store.parkedItems(ParkedFilter(), limit: 9)
        guard items.count == 1, case .report(let parked) = items[0].content else {
            Issue.record("\(items)")
            return
        }
        #expect(items[0].id.text == "R7" && parked.carrierKey == nil)
        await store.close()
    }

    @Test func `messages that were under way are reported, and the next ones have keys and names`() async throws {
        let directory = try await older()
        let store = try Store(directory: directory.path)
        let inbound = try await store.keep([0], of: .pushed, from: 1, at: World.noon)
        let reports = [
            World.report(id: 77), World.report("m2", segment: 1, of: 2, mobile: "13800138001"),
            World.report("m2", segment: 2, of: 2, mobile: "13800138001"),
        ]
        let outcome = try await store.apply(reports: reports, replies: [], of: inbound, from: 1, at: World.noon)
        #expect(outcome.matched == 3)
        let collected = try await store.collectReports(for: 1, limit: 9, at: World.noon, grain: .message)
        #expect(collected.map(\.id.rawValue) == [1, 2])
        // What one request was is not known of older ones: each part stands for itself.
        #expect(collected.map(\.requestID.rawValue) == [1, 2])
        let attempt = try await store.begin(
            [NewAttempt(channel: 1, messages: SequenceRuns([]))], at: World.noon)[0].id
        #expect(attempt == 3)
        _ = try await store.settle(
            [Settlement(attempt: attempt, outcome: .accepted(.shared("K")))], at: World.noon)
        await store.close()
    }
}

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
