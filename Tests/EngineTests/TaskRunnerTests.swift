import Foundation
import Messaging
import Sheets
import Store
import Testing

@testable import Engine

/// Imports, quotes, batches and exports on a real store.
struct TaskRunnerTests {
    private static func numbers(_ count: Int) -> [String] { (0..<count).map { String(13_800_000_000 + $0) } }

    /// Adds an import of a file with this content, and waits for it.
    private func imported(
        _ house: House, _ account: AccountEntry, _ text: String, isTyped: Bool = false
    ) async throws -> TaskRecord {
        let runner = house.engine.taskRunner
        try await eventually("the folder of tasks") {
            FileManager.default.fileExists(atPath: house.directory.path + "/portal")
        }
        let id = try runner.newID()
        try runner.files.keep(upload: Array(text.utf8), of: id)
        try await runner.addImport(
            id, ImportParameters(isTyped: isTyped), of: account.key, user: "u", fileName: "名单.csv")
        return try await ended(house, id)
    }

    private func quoted(
        _ house: House, _ account: AccountEntry, _ source: TaskRecord, _ content: String, at due: Timestamp? = nil
    ) async throws -> TaskRecord {
        let parameters = BatchParameters(
            importID: source.id.rawValue, content: content, scheduledAt: due?.milliseconds)
        let id = try await house.engine.taskRunner.addQuote(
            parameters, of: account.key, user: "u", fileName: source.fileName)
        return try await ended(house, id)
    }

    private func ended(_ house: House, _ id: TaskID) async throws -> TaskRecord {
        try await eventually("the end of a task") {
            try await house.engine.taskRunner.task(id)?.state.isFinal == true
        }
        return try #require(try await house.engine.taskRunner.task(id))
    }

    private func sent(_ house: House, _ quote: TaskRecord) async throws -> TaskRecord {
        #expect(try await house.engine.taskRunner.confirm(quote.id))
        return try await ended(house, quote.id)
    }

    @Test func `a batch costs what was shown before, and is sent once`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 5_000)
            let source = try await imported(house, account, Self.numbers(1_203).joined(separator: "\n"), isTyped: true)
            #expect(source.importResult?.summary.recipients == 1_203)
            let quote = try await quoted(house, account, source, String(repeating: "长", count: 71))
            let result = try #require(quote.batchResult)
            #expect(result.recipients == 1_203)
            #expect(result.segments == 2_406)
            #expect(result.cost == 2_406 * House.price)
            let before = account.runtime.balance
            let batch = try await sent(house, quote)
            #expect(batch.state == .done)
            #expect(batch.batchResult?.accepted == 1_203)
            #expect(account.runtime.balance == before - result.cost)
            let progress = try await house.engine.taskRunner.progress(of: batch)
            #expect(progress.messages == 1_203)
            #expect(progress.segments == 2_406)
            #expect(progress.charged == result.cost)
            #expect(progress.requests.count == 3)
            #expect(try await !house.engine.taskRunner.confirm(quote.id))
            #expect(try await house.isSound())
        }
    }

    @Test func `every text of a personal batch is priced by itself`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 5_000)
            let long = String(repeating: "长", count: 60)
            let text = "手机,姓名\n13800000001,张三\n13800000002,\(long)欧阳娜娜长名字长名字\n13800000003,\n13800000004,李四\n"
            let source = try await imported(house, account, text)
            let quote = try await quoted(house, account, source, "{姓名}您好，祝好。")
            let result = try #require(quote.batchResult)
            #expect(result.isPersonal)
            #expect(result.recipients == 3)
            #expect(result.bySegments == [1: 2, 2: 1])
            #expect(result.rejected == [RecipientRejection.variableEmpty.rawValue: 1])
            #expect(result.cost == 4 * House.price)
            let samples = try await house.engine.taskRunner.samples(of: quote, limit: 9)
            #expect(samples.map(\.body).first == "张三您好，祝好。")
            #expect(samples.map(\.row) == [2, 3, 5])
            #expect(
                try await house.engine.taskRunner.samples(of: quote, fromRow: 4, limit: 1).map(\.body)
                    == ["李四您好，祝好。"])
            let before = account.runtime.balance
            let batch = try await sent(house, quote)
            #expect(account.runtime.balance == before - result.cost)
            #expect(try await house.engine.taskRunner.progress(of: batch).charged == result.cost)
        }
    }

    @Test func `a batch whose process was killed goes on, and nothing is sent twice`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        try await house.channel("one")
        let account = try await house.account(messages: 5_000)
        let source = try await imported(house, account, Self.numbers(1_700).joined(separator: "\n"), isTyped: true)
        let quote = try await quoted(house, account, source, "你好")
        let batch = try await sent(house, quote)
        #expect(batch.batchResult?.accepted == 1_700)
        let balance = account.runtime.balance
        // As a kill leaves it: all chunks are committed, and the row says that the second one was under way.
        var change = TaskChange()
        (change.state, change.done, change.result) = (.running, 500, quote.result)
        #expect(try await house.engine.store.change(batch.id, in: [.done], change))
        let again = try await house.again()
        let resumed = try await ended(again, batch.id)
        #expect(resumed.state == .done)
        let entry = try #require(again.engine.accounts.directory.account(id: "J10003"))
        #expect(entry.runtime.balance == balance)
        #expect(try await again.engine.taskRunner.progress(of: resumed).messages == 1_700)
        #expect(try await again.engine.records.totals(of: entry).today.messages == 1_700)
        #expect(try await again.isSound())
        await again.stop()
    }

    @Test func `a personal chunk that was split by a rule before the kill is not sent whole after it`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        try await house.channel("one")
        let account = try await house.account(messages: 5_000)
        let source = try await imported(house, account, "手机,姓名\n13800000001,张三\n13800000002,李四\n13800000003,王五\n")
        let quote = try await quoted(house, account, source, "{姓名}您好")
        // One of its rows was sent alone, as after a refusal of the whole.
        let key = BatchSender.keyPrefix(quote.id) + "0.1"
        _ = try await house.submit(["13800000002"], "李四您好", by: account, key: key).get()
        let before = account.runtime.balance
        let batch = try await sent(house, quote)
        #expect(batch.batchResult?.accepted == 3)
        #expect(account.runtime.balance == before - 2 * House.price)
        #expect(try await house.engine.taskRunner.progress(of: batch).messages == 3)
        await house.stop()
    }

    @Test func `a balance that runs out says how many went, and nothing more is taken`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 1_100)
            let source = try await imported(house, account, Self.numbers(1_600).joined(separator: "\n"), isTyped: true)
            let batch = try await sent(house, try await quoted(house, account, source, "你好"))
            #expect(batch.state == .failed)
            #expect(batch.error == "insufficientBalance")
            #expect(batch.batchResult?.accepted == 1_000)
            #expect(account.runtime.balance == 100 * House.price)
            #expect(try await house.engine.taskRunner.progress(of: batch).messages == 1_000)
        }
    }

    @Test func `a price that changed after the check is not charged`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 1_100)
            let source = try await imported(house, account, "13800138000", isTyped: true)
            let quote = try await quoted(house, account, source, "你好")
            _ = try await house.engine.accounts.update(id: "J10003") { account, _ in
                account.price = Money(microYuan: House.price * 2)
            }
            let batch = try await sent(house, quote)
            #expect(batch.error == "priceChanged")
            #expect(try await house.engine.taskRunner.progress(of: batch).messages == 0)
        }
    }

    @Test func `the same texts and numbers within a day are said`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 1_100)
            let source = try await imported(house, account, "13800138000\n13800138001", isTyped: true)
            let first = try await quoted(house, account, source, "你好")
            #expect(first.batchResult?.sameAs == "")
            _ = try await sent(house, first)
            let other = try await imported(house, account, "13800138001\n13800138000", isTyped: true)
            #expect(try await quoted(house, account, other, "你好").batchResult?.sameAs == first.id.rawValue)
            #expect(try await quoted(house, account, other, "您好").batchResult?.sameAs == "")
            house.clock.advance(milliseconds: TaskRunner.repetitionPeriod + 1)
            #expect(try await quoted(house, account, other, "你好").batchResult?.sameAs == "")
        }
    }

    @Test func `what is scheduled waits, and its money comes back when it is cancelled`() async throws {
        try await House.with { house in
            let account = try await house.account(messages: 1_100)
            let before = account.runtime.balance
            let source = try await imported(house, account, Self.numbers(600).joined(separator: "\n"), isTyped: true)
            let due = house.clock.now.adding(milliseconds: 3_600_000)
            let batch = try await sent(house, try await quoted(house, account, source, "你好", at: due))
            let progress = try await house.engine.taskRunner.progress(of: batch)
            #expect(progress.byState == [.scheduled: 600])
            let ids = progress.requests.map { MessageID(sequence: $0) }
            #expect(
                try await house.engine.scheduled.cancel(ids, allOfRequest: true, reason: "").cancelled == 600)
            let after = try await house.engine.taskRunner.progress(of: batch)
            #expect(after.byStatus == ["DELETED": 600])
            #expect(after.refunded == after.charged)
            #expect(account.runtime.balance == before)
        }
    }

    @Test func `another column of an import is taken without reading the file again`() async throws {
        try await House.with { house in
            let account = try await house.account()
            let source = try await imported(house, account, "甲,乙\n13800000001,13900000001\n13800000002,\n")
            #expect(source.importResult?.summary.column == 0)
            #expect(
                try await house.engine.taskRunner.reread(
                    source.id, ImportParameters(isTyped: false, column: 1)))
            let again = try await ended(house, source.id)
            #expect(again.importResult?.summary.column == 1)
            #expect(again.importResult?.summary.recipients == 1)
        }
    }

    @Test func `a file that cannot be read, a column that is none and an import that is gone are said`() async throws {
        try await House.with { house in
            let account = try await house.account()
            #expect(try await imported(house, account, "<html><table>").error == "htmlTable")
            let source = try await imported(house, account, "手机,姓名\n13800000001,张三\n")
            #expect(try await quoted(house, account, source, "{车牌}").error == "unknownColumn 车牌")
            #expect(try await quoted(house, account, source, "").error == "contentEmpty")
            let other = try await house.account("J10004")
            let foreign = try await quoted(house, other, source, "你好")
            #expect(foreign.error == "importGone")
        }
    }

    @Test func `an export is written page by page and begins anew after a restart`() async throws {
        struct Maker: ExportMaker {
            func table(_ query: String, for task: TaskRecord) async throws -> ExportTable {
                let pages = Counter()
                return ExportTable(header: ["号码", "条"], title: query, total: 30) {
                    let page = pages.next()
                    if page > 3 { return nil }
                    return (0..<10).map { [.text("138001380\(page)\($0)"), .integer(Int64($0))] }
                }
            }
        }
        let house = try await House.open()
        let account = try await house.account()
        let parameters = ExportParameters(table: "t", format: .csv, query: "q")
        let id = try await house.engine.taskRunner.addExport(
            parameters, of: account.key, user: "u", fileName: "x.csv")
        // Nobody makes its table yet: it waits, and goes on in the next run.
        let again = try await house.again()
        await again.engine.taskRunner.register(Maker(), for: "t")
        let task = try await ended(again, id)
        #expect(task.state == .done)
        #expect(task.done == 30)
        let text = try String(contentsOfFile: again.engine.taskRunner.files.export(id, .csv), encoding: .utf8)
        #expect(text.split(separator: "\r\n").count == 31)
        await again.stop()
    }

    @Test func `a task that waits can be cancelled, and old tasks go with their files`() async throws {
        try await House.with { house in
            let account = try await house.account()
            let source = try await imported(house, account, "13800138000", isTyped: true)
            let rows = house.directory.path + "/portal/\(source.id).rows"
            #expect(FileManager.default.fileExists(atPath: rows))
            let waiting = try await house.engine.taskRunner.addExport(
                ExportParameters(table: "nobody", format: .csv, query: ""), of: account.key, user: "u", fileName: "x")
            #expect(try await house.engine.taskRunner.cancel(waiting))
            #expect(try await !house.engine.taskRunner.cancel(waiting))
            house.clock.advance(milliseconds: TaskRunner.lifetime)
            await house.engine.taskRunner.sweep()
            #expect(!FileManager.default.fileExists(atPath: rows))
            #expect(try await house.engine.taskRunner.task(source.id) == nil)
        }
    }
}
