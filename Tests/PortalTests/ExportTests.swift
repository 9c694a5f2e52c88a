import Engine
import Foundation
import Messaging
import Sheets
import Testing

@testable import Portal

/// The tables that are exported.
struct ExportTests {
    private func rows(
        _ house: PortalHouse, _ kind: ExportKind, _ fields: [(String, String)], full: Bool = true,
        scope: AccountScope? = nil
    ) async throws -> [[ExportCell]] {
        let making = ExportMaking(
            engine: house.engine, scope: scope ?? AccountScope([house.shop.key]), language: .chinese,
            hasFullNumbers: full, now: PortalHouse.now)
        var values = FormFields()
        for (name, value) in fields { values.append(name, value) }
        let content = try await making.content(kind, values)
        var all: [[ExportCell]] = []
        while let page = try await content.next() {
            #expect(!page.isEmpty)
            for row in page { #expect(row.count == content.header.count) }
            all += page
        }
        return all
    }

    @Test func `an export has every message once, the latest first, over all pages`() async throws {
        try await PortalHouse.with { house in
            _ = try await house.engine.billing.recharge(house.shop, amount: 100_000_000, note: nil)
            for batch in 0..<5 {
                let numbers = (0..<500).map { "\(13_800_000_000 + batch * 500 + $0)" }
                try await house.send(numbers, "第\(batch)批")
            }
            let all = try await rows(house, .messages, [])
            #expect(all.count == 2500)
            #expect(all.map { $0[1] } == (0..<2500).reversed().map { .text("\(13_800_000_000 + $0)") })
            let some = try await rows(house, .messages, [("c", "第3批"), ("n", "138 0000 1600")])
            #expect(some.map { $0[2] } == [.text("第3批")])
            let masked = try await rows(house, .messages, [("n", "13800001600")], full: false)
            #expect(masked.map { $0[1] } == [.text("138****1600")])
            #expect(try await rows(house, .messages, [], scope: AccountScope([house.other.key])).isEmpty)
            await #expect(throws: PageFailure.self) { try await rows(house, .messages, [("a", "other")]) }
        }
    }

    @Test func `chosen messages are exported, but none of another account`() async throws {
        try await PortalHouse.with { house in
            let own = try await house.send(["13800138000"], "自己的")
            let foreign = try await house.send(["13800138000"], "别人的", by: house.other)
            let all = try await rows(house, .messages, [("ids", "\(own.rawValue),\(foreign.rawValue),999,x")])
            #expect(all.map { $0[2] } == [.text("自己的")])
        }
    }

    @Test func `bills and ledger are exported to the last micro-yuan`() async throws {
        try await PortalHouse.with { house in
            try await house.send(["13800138000", "13800138001"])
            let days = [("f", "2025-11-27"), ("t", "2025-11-27")]
            let bills = try await rows(house, .bills, days)
            #expect(bills.count == 1)
            #expect(bills[0][8] == .money(Money(microYuan: 100_000)))
            let ledger = try await rows(house, .ledger, days)
            var sum: Int64 = 0
            for row in ledger { if case .money(let money) = row[4] { sum += money.microYuan } }
            #expect(sum == house.shop.runtime.balance)
            #expect(ledger.count == 2)
        }
    }

    @Test func `replies are exported with what they answer`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "请回复")
            try await house.reply("=cmd()", to: id)
            let replies = try await rows(house, .replies, [])
            #expect(replies.map { $0[2] } == [.text("=cmd()")])
            #expect(replies.map { $0[6] } == [.text("请回复")])
        }
    }

    @Test(arguments: ["csv", "xlsx"])
    func `an export is a task whose file has what the page shows`(format: String) async throws {
        try await PortalHouse.with { house in
            try await house.send(["13800138000"], "=cmd(),\"x\"")
            try await house.send(["13900139000"], "别人的", by: house.other)
            let started = await house.post("records/export", [("do", format)])
            #expect(started.location.hasPrefix("/portal/tasks"))
            let runner = house.engine.taskRunner
            let deadline = ContinuousClock.now + .seconds(60)
            var task = try #require(try await runner.tasks(of: [house.shop.key], kinds: [.export], limit: 5).first)
            while !task.state.isFinal {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(20))
                task = try #require(try await runner.task(task.id))
            }
            #expect(task.state == .done)
            #expect(task.done == 1)
            #expect(task.fileName == "发送记录 2025-11-27.\(format)")
            let path = runner.files.export(task.id, try #require(SheetFormat(rawValue: format)))
            let bytes = try #require(FileManager.default.contents(atPath: path))
            guard format == "csv" else {
                #expect(bytes.starts(with: Array("PK".utf8)))
                return
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasPrefix("\u{FEFF}发送账户,手机号,短信内容,"))
            #expect(text.contains("shop,13800138000,\"'=cmd(),\"\"x\"\"\","))
            #expect(!text.contains("别人的"))
            #expect(await house.get("tasks/\(task.id)/file", as: .stranger).status == 404)
        }
    }

    @Test func `an export without the right to full numbers has masked ones, and takes the page's right`() async throws
    {
        try await PortalHouse.with { house in
            #expect(await house.post("records/export", [("do", "csv")], as: .customer([.bills])).status == 403)
            #expect(
                await house.post("bills/export", [("do", "csv"), ("kind", "bills")], as: .customer([.records])).status
                    == 403)
            #expect(await house.post("bills/export", [("do", "csv"), ("kind", "messages")]).status == 400)
            #expect(await house.post("records/export", [("do", "pdf")]).status == 400)
        }
    }
}
