import Testing

extension EndToEnd {
    /// Rules of an account, set on the command line and met by its messages.
    @Suite struct RuleTests {
        @Test func `templates are approved, required and removed`() async throws {
            let world = try await World.make()
            #expect(try world.customer.sendSingle("13800138123", "anything").result == 0)
            let added = try await world.appliance.report("template", "add", "j10003", "您的验证码是{1}")
            #expect(try added.string("id") == "1")
            try await world.run("template", "add", "J10003", "订单{1}已发货", "--template", "A7")
            #expect(
                try await world.appliance.command("template", "add", "J10003", "x", "--template", "A7").exitCode == 1)
            #expect(try await world.appliance.command("template", "add", "J10003", "{1}").exitCode == 1)
            let listed = try await world.appliance.report("template", "list", "J10003").objects("templates")
            #expect(try listed.map { try $0.string("id") } == ["1", "A7"])
            try await world.run("rule", "set", "J10003", "--require-template")
            #expect(try world.customer.sendSingle("13800138124", "anything").result == -100_998)
            #expect(try world.customer.sendSingle("13800138124", "您的验证码是66").result == 0)
            try await world.run("template", "remove", "J10003", "1")
            #expect(try world.customer.sendSingle("13800138124", "您的验证码是66").result == -100_998)
            let shown = try await world.appliance.report("rule", "show", "J10003")
            #expect(try shown.object("refusals").integer("template") == 2)
            #expect(try shown.integer("templates") == 1)
            try await world.run("rule", "set", "J10003", "--no-require-template")
            #expect(try world.customer.sendSingle("13800138124", "anything").result == 0)
            #expect(try await world.segmentsCharged() == 3)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `a handset that opts out gets nothing more, also after a restart`() async throws {
            let world = try await World.make()
            try await world.run("rule", "set", "J10003", "--blacklist", "--opt-out")
            // Its handset replies T.
            #expect(try world.customer.sendSingle("13800130008").result == 0)
            _ = try await world.customer.reports(1)
            try await eventually("the opt-out") {
                try await world.appliance.report("rule", "show", "J10003").integer("blacklisted") == 1
            }
            #expect(try world.customer.takeReplies().map(\.content) == ["T"])
            try await world.appliance.stop()
            try await world.appliance.startAgain()
            #expect(try world.customer.sendBatch(["13800130008", "13900139001"]).result == 0)
            let reports = try await world.customer.reports(2)
            #expect(reports.first { $0.mobile == "13800130008" }?.errcode == "MBBLACK")
            #expect(reports.first { $0.mobile == "13900139001" }?.errcode == "DELIVRD")
            #expect(try await world.segmentsCharged() == 2)
            let list = try await world.appliance.report("blacklist", "list", "J10003").objects("numbers")
            #expect(try list.map { try $0.string("reason") } == ["reply T"])
            try await world.run("blacklist", "remove", "J10003", "13800130008")
            try await world.run("blacklist", "add", "J10003", "13900139002", "--reason", "asked by telephone")
            #expect(try world.customer.sendSingle("13900139002").result == 0)
            #expect(try await world.customer.reports(1).map(\.errcode) == ["MBBLACK"])
            #expect(try world.carrier.received()["13900139002"] == nil)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `words, signature and frequency`() async throws {
            let world = try await World.make(account: ["--signature", "【驿站】"])
            try await world.run("rule", "word", "add", "J10003", "赌博", "Casino")
            #expect(try world.customer.sendSingle("13800138123", "来赌博吧").result == -100_998)
            #expect(try world.customer.sendSingle("13800138123", "CASINO").result == -100_998)
            try await world.run("rule", "word", "remove", "J10003", "Casino")
            #expect(try await world.appliance.command("rule", "word", "remove", "J10003", "Casino").exitCode == 1)
            #expect(try world.customer.sendSingle("13800138123", "CASINO").result == 0)
            try await world.run("rule", "set", "J10003", "--check-signature")
            #expect(try world.customer.sendSingle("13800138123", "hello").result == -100_998)
            #expect(try world.customer.sendSingle("13800138123", "【驿站】hello").result == 0)
            try await world.run("rule", "set", "J10003", "--no-check-signature", "--frequency", "2/1d,1/1s")
            #expect(try world.customer.sendSingle("13900139123").result == 0)
            #expect(try world.customer.sendSingle("13900139123").result == -100_998)
            let shown = try await world.appliance.report("rule", "show", "J10003")
            #expect(shown["frequency"] as? [String] == ["2/1d", "1/1s"])
            #expect(try shown.object("refusals").integer("frequency") == 1)
            try await world.run("rule", "set", "J10003", "--frequency", "none")
            #expect(try world.customer.sendSingle("13900139123").result == 0)
            #expect(try await world.appliance.command("rule", "set", "J10003", "--frequency", "x").exitCode == 64)
            #expect(try await world.appliance.command("rule", "set", "J10003").exitCode == 64)
            #expect(try await world.appliance.command("rule", "show", "NOBODY").exitCode == 1)
        }
    }
}
