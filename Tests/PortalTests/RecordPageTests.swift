import Engine
import Messaging
import Testing

@testable import Portal

/// Lists of sent messages, one message, one number, requests, and sending again.
struct RecordPageTests {
    @Test func `the list has what the customer sent, with its number masked unless the right is there`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "您的验证码是1234")
            try await house.report(id)
            let page = await house.get("records")
            #expect(page.status == 200)
            for words in ["发送账户", "手机号", "短信内容", "发送时间", "发送状态", "状态报告", "您的验证码是1234", "已送达", "DELIVRD"] {
                #expect(page.text.contains(words), "\(words)")
            }
            #expect(page.text.contains("13800138000"))
            let masked = await house.get("records", as: .customer([.records]))
            #expect(masked.text.contains("138****8000"))
            #expect(!masked.text.contains("13800138000"))
        }
    }

    @Test func `nobody sees another account's messages, and operators see all`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "只给自己看").rawValue
            #expect(await !house.get("records", as: .stranger).text.contains("只给自己看"))
            let paths = ["messages/\(id)", "messages/\(id)/number", "batches/\(id)", "batches/\(id)/messages"]
            for path in paths {
                #expect(await house.get("records/\(path)").status == 200, "\(path)")
                #expect(await house.get("records/\(path)", as: .stranger).status == 404, "\(path)")
                #expect(await house.get("records/\(path)", as: .operators()).status == 404, "\(path)")
                #expect(await house.get("operator/records/\(path)", as: .operators()).status == 200, "\(path)")
                #expect(await house.get("operator/records/\(path)").status == 404, "\(path)")
                #expect(await house.get("records/\(path)", as: .customer([.send, .bills])).status == 403, "\(path)")
            }
            #expect(await house.get("operator/records", as: .operators()).text.contains("只给自己看"))
            #expect(await house.get("records?a=other").status == 404)
            #expect(await house.post("records/batches/\(id)/cancel", as: .stranger).status == 404)
        }
    }

    @Test func `a parent sees what its sub-accounts sent, and never the reverse`() async throws {
        try await PortalHouse.with { house in
            var account = Account(id: "below", price: Money(microYuan: 50_000))
            (account.parent, account.sharesBalance) = (house.shop.key, true)
            _ = try await house.engine.billing.addAccount(
                account, secrets: AccountSecrets(apiPassword: "Jk3#99xQ-below"), openingBalance: 0)
            let below = try #require(house.engine.accounts.directory.account(id: "below"))
            let ofChild = try await house.send(["13800138000"], "下级发的", by: below)
            let ofParent = try await house.send(["13800138000"], "上级发的")
            let all = await house.get("records")
            for words in ["下级发的", "上级发的", "本账户及子账户"] { #expect(all.text.contains(words), "\(words)") }
            #expect(await !house.get("records?a=below").text.contains("上级发的"))
            #expect(await house.get("bills").text.contains("below"))
            let child = AccountScope(house.engine.accounts.directory.scope(of: below.key))
            let seen = try await house.engine.records.search(MessageSearch(scope: child)).items
            #expect(seen.map(\.id) == [ofChild])
            #expect(try await house.engine.records.records(of: [ofParent], scope: child).isEmpty)
            // Whose balance paid: the parent's, and the bill of each is what it sent.
            let bills = try await house.engine.records.dailyTotals(of: .everything, days: 0...99_999_999)
            #expect(bills.map(\.total.charged) == [50_000, 50_000])
            #expect(house.shop.runtime.balance == 100_000_000 - 100_000)
            // The parent does not send again what the child sent.
            let chosen = await house.post("records/selected", [("m", "\(ofChild.rawValue)"), ("do", "resend")])
            let check = await house.get(String(chosen.location.dropFirst("/portal/".count)))
            #expect(check.text.contains("属于子账户"))
        }
    }

    @Test func `what others wrote is shown and never read as markup`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "<script>alert(1)</script>\u{202E}=cmd()\u{0007}")
            for path in [
                "records", "records/messages/\(id.rawValue)", "records/batches/\(id.rawValue)", "", "records/batches",
            ] {
                let page = await house.get(path)
                #expect(page.status == 200, "\(path)")
                #expect(!page.text.contains("<script>alert"), "\(path)")
                #expect(page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;U+202E=cmd()"), "\(path)")
            }
        }
    }

    @Test func `numbers and texts of a filter stand in no address`() async throws {
        try await PortalHouse.with { house in
            try await house.send(["13800138000"], "会员日优惠")
            try await house.send(["13900139000"], "验证码")
            let asked = await house.post("records", [("n", "138-0013 8000"), ("c", "会员"), ("f", ""), ("t", "")])
            #expect(asked.status == 303)
            #expect(asked.location.hasPrefix("/portal/records?q="))
            #expect(!asked.location.contains("138"))
            let target = String(asked.location.dropFirst("/portal/".count))
            let page = await house.get(target)
            #expect(page.text.contains("会员日优惠"))
            #expect(!page.text.contains("验证码"))
            #expect(page.text.contains("value=\"138-0013 8000\""))
            // Only who saved a query may use it.
            #expect(await house.get("records?q=0123456789abcdef0123456789abcdef").status == 404)
            let plain = await house.post("records", [("s", "failed")])
            #expect(plain.location.contains("s=failed"))
            #expect(!plain.location.contains("q="))
        }
    }

    @Test(arguments: [
        [("n", "1380013")], [("n", "abc")], [("s", "nonsense")], [("f", "2026-13-01")],
        [("f", "2025-11-28"), ("t", "2025-11-27")], [("c", String(repeating: "长", count: 100))],
    ])
    func `a filter that cannot be read says where, and keeps what was typed`(fields: [(String, String)]) async throws {
        try await PortalHouse.with { house in
            let answer = await house.post("records", fields)
            #expect(answer.status == 400)
            #expect(answer.text.contains("id=\"errors\""))
            #expect(answer.text.contains("aria-invalid=\"true\""))
            #expect(answer.text.contains("value=\"\(fields[0].1)\"") || fields[0].0 == "s")
        }
    }

    @Test func `a filter by status finds what the figures of the day count`() async throws {
        try await PortalHouse.with { house in
            try await house.report(try await house.send(["13800138000"], "甲到了"))
            try await house.report(try await house.send(["13800138001"], "乙没到"), DeliveryStatus("UNDELIV"))
            try await house.send(["13800138002"], "丙不知道")
            for (status, words) in [("delivered", "甲到了"), ("failed", "乙没到"), ("unknown", "丙不知道")] {
                let page = await house.get("records?s=\(status)")
                for text in ["甲到了", "乙没到", "丙不知道"] { #expect(page.text.contains(text) == (text == words), "\(status)") }
            }
            #expect(await house.get("records?s=failed&k=UNDELIV").text.contains("乙没到"))
            #expect(await !house.get("records?s=failed&k=EXPIRED").text.contains("乙没到"))
        }
    }

    @Test func `only what failed for good is sent again, and once`() async throws {
        try await PortalHouse.with { house in
            let failed = try await house.send(["13800138001"], "会员日")
            try await house.report(failed, DeliveryStatus("UNDELIV"))
            let delivered = try await house.send(["13800138002"], "会员日")
            try await house.report(delivered)
            let open = try await house.send(["13800138003"], "会员日")
            let ids = [failed, delivered, open].map { ("m", "\($0.rawValue)") }
            let chosen = await house.post("records/selected", ids + [("do", "resend")])
            #expect(chosen.status == 303)
            let check = await house.get(String(chosen.location.dropFirst("/portal/".count)))
            #expect(check.text.contains("重发 1 条（0.050 元）"))
            for words in ["可重发", "已成功", "结果未知"] { #expect(check.text.contains(words)) }
            let saved = try #require(chosen.location.split(separator: "=").last).description
            let balance = house.shop.runtime.balance
            let sent = await house.post("records/resend", [("q", saved)])
            #expect(sent.location.hasPrefix("/portal/records/batches/"))
            #expect(house.shop.runtime.balance == balance - 50_000)
            // The same form once more sends nothing.
            #expect(await house.post("records/resend", [("q", saved)]).status == 303)
            #expect(house.shop.runtime.balance == balance - 50_000)
            #expect(await house.post("records/resend", [("q", saved)], as: .customer([.records])).status == 403)
        }
    }

    @Test func `nothing is sent again when all may have arrived`() async throws {
        try await PortalHouse.with { house in
            let open = try await house.send()
            let chosen = await house.post("records/selected", [("m", "\(open.rawValue)"), ("do", "resend")])
            let saved = try #require(chosen.location.split(separator: "=").last).description
            let balance = house.shop.runtime.balance
            #expect(await house.post("records/resend", [("q", saved)]).status == 400)
            #expect(house.shop.runtime.balance == balance)
        }
    }

    @Test func `a scheduled request is cancelled from its page and paid back`() async throws {
        try await PortalHouse.with { house in
            let balance = house.shop.runtime.balance
            let due = PortalHouse.now.adding(milliseconds: 3_600_000)
            let id = try await house.send(["13800138000", "13800138001"], "明天见", due: due)
            #expect(house.shop.runtime.balance == balance - 100_000)
            let page = await house.get("records/batches/\(id.rawValue)")
            #expect(page.text.contains("已定时"))
            #expect(page.text.contains("取消定时"))
            let answer = await house.post("records/batches/\(id.rawValue)/cancel")
            #expect(answer.location.contains("done=cancelled"))
            #expect(await house.get("records/batches/\(id.rawValue)").text.contains("已取消"))
            #expect(house.shop.runtime.balance == balance)
        }
    }

    @Test func `a request's page says what it cost and why messages failed`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000", "13800138001", "13"], "会员日")
            try await house.report(MessageID(rawValue: id.rawValue))
            let page = await house.get("records/batches/\(id.rawValue)")
            #expect(page.text.contains("0.100 元"))
            #expect(page.text.contains("REJECTD"))
            #expect(page.text.contains("data-refresh"))
            #expect(
                await !house.get("records/batches/\(id.rawValue)", as: .customer([.records])).text.contains("0.100 元"))
        }
    }

    @Test func `a number's timeline has both directions and its number in no address`() async throws {
        try await PortalHouse.with { house in
            let id = try await house.send(["13800138000"], "请回复")
            try await house.reply("退订", to: id)
            let asked = await house.post("records/number", [("n", "+86 138 0013 8000")])
            #expect(!asked.location.contains("138"))
            let page = await house.get(String(asked.location.dropFirst("/portal/".count)))
            #expect(page.text.contains("请回复"))
            #expect(page.text.contains("退订"))
            #expect(await house.post("records/number", [("n", "12")]).status == 400)
            let other = await house.post("records/number", [("n", "13800138000")], as: .stranger)
            #expect(await !house.get(String(other.location.dropFirst(8)), as: .stranger).text.contains("请回复"))
        }
    }

    @Test(arguments: ["1", "0", "-1", "abc", "9223372036854775807", "99999999999999999999", "1;--"])
    func `an id that is nobody's has no page`(id: String) async throws {
        try await PortalHouse.with { house in
            for path in ["messages/\(id)", "messages/\(id)/number", "batches/\(id)", "batches/\(id)/messages"] {
                #expect(await house.get("records/\(path)").status == 404, "\(path)")
            }
        }
    }
}
