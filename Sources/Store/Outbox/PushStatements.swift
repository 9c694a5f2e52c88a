import GRDB
import Messaging

struct PushStatements {
    let isUnderWay: SQLiteStatement
    let begin: SQLiteStatement
    let succeed: SQLiteStatement
    let fail: SQLiteStatement
    let selectFailing: SQLiteStatement
    let saveAnswer: SQLiteStatement
    let selectReplay: SQLiteStatement
    let moveReplay: SQLiteStatement
    let endReplay: SQLiteStatement
    let oldReports: SQLiteStatement
    let oldReplies: SQLiteStatement

    init(_ db: Database) throws {
        isUnderWay = try SQLiteStatement(
            db, "SELECT is_under_way FROM push_lane WHERE account = ?1 AND kind = ?2")
        begin = try SQLiteStatement(
            db,
            """
            INSERT INTO push_lane (account, kind, requests, is_under_way) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (account, kind) DO UPDATE SET
            requests = requests + excluded.requests, is_under_way = excluded.is_under_way
            RETURNING requests
            """)
        succeed = try SQLiteStatement(
            db,
            """
            UPDATE push_lane SET is_under_way = 0, failing_since = NULL, failures = 0, next_try_at = NULL,
            answered_at = ?3, answer = ?4 WHERE account = ?1 AND kind = ?2
            """)
        fail = try SQLiteStatement(
            db,
            """
            UPDATE push_lane SET is_under_way = 0, failing_since = IFNULL(failing_since, ?3), failures = failures + 1,
            next_try_at = ?5, answered_at = ?3, answer = ?4 WHERE account = ?1 AND kind = ?2
            """)
        selectFailing = try SQLiteStatement(
            db, "SELECT failing_since FROM push_lane WHERE account = ?1 AND kind = ?2")
        saveAnswer = try SQLiteStatement(
            db, "UPDATE collection SET answer = ?4 WHERE account = ?1 AND kind = ?2 AND through = ?3 AND answer = ''")
        selectReplay = try SQLiteStatement(
            db,
            """
            SELECT id, position, through, made_at FROM push_replay WHERE account = ?1 AND kind = ?2
            ORDER BY id LIMIT 1
            """)
        moveReplay = try SQLiteStatement(db, "UPDATE push_replay SET position = ?2 WHERE id = ?1")
        endReplay = try SQLiteStatement(db, "DELETE FROM push_replay WHERE id = ?1")
        oldReports = try SQLiteStatement(
            db, "SELECT id, reported_at FROM report WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
        oldReplies = try SQLiteStatement(
            db, "SELECT id, received_at FROM reply WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3")
    }
}

extension SQLiteStatement {
    func bind(_ key: OutboxKey) {
        bind(1, key.account)
        bind(2, key.kind.rawValue)
    }
}
