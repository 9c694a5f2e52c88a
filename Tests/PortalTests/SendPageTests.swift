import Foundation
import Messaging
import NIOCore
import Sheets
import Testing

@testable import Engine
@testable import Portal

struct SendPageTests {
    /// The path below the root that an answer leads to, without what is said there once.
    private func target(_ answer: PortalHouse.Answer) -> String {
        let path = answer.location.replacing("/portal/", with: "")
        return String(path.prefix { $0 != "?" })
    }

    /// The state folder of tasks is made when the engine begins.
    private func ready(_ house: PortalHouse) async throws {
        for _ in 0..<2_000 {
            if FileManager.default.fileExists(atPath: house.directory.path + "/portal") { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func ended(_ house: PortalHouse, _ path: String) async throws -> TaskRecord {
        let id = try #require(TaskID(rawValue: String(path.split(separator: "/").last ?? "")))
        for _ in 0..<4_000 {
            if let task = try await house.engine.taskRunner.task(id), task.state.isFinal { return task }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw PageFailure.busy
    }

    private func file(_ name: String, _ text: String) -> UploadedFile {
        UploadedFile(field: "file", name: name, bytes: ByteBuffer(string: text))
    }

    private static let people = "手机,姓名\n13800138001,张三\n13800138002,李四\n1380013,短\n13800138001,重复\n"

    /// Uploads a file with a text, and goes on to the check page.
    private func checked(_ house: PortalHouse, _ text: String) async throws -> String {
        try await ready(house)
        let uploaded = await house.post(
            "send/import", [("text", text), ("when", "now")], files: [file("名单.csv", Self.people)])
        #expect(uploaded.status == 303)
        let path = target(uploaded)
        _ = try await ended(house, path)
        let used = await house.post(path, [("col", "0"), ("do", "use")])
        #expect(used.status == 303)
        let check = target(used)
        _ = try await ended(house, check)
        return check
    }

    @Test func `a file becomes a batch: what was read, what it costs, and how far it is`() async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let form = await house.get("send")
            #expect(form.status == 200)
            #expect(form.text.contains("enctype=\"multipart/form-data\""))
            let uploaded = await house.post(
                "send/import", [("text", "{姓名}您好"), ("when", "now")], files: [file("名单.csv", Self.people)])
            let path = target(uploaded)
            #expect(path.hasPrefix("send/imports/"))
            _ = try await ended(house, path)
            let imported = await house.get(path)
            #expect(imported.text.contains("手机（3 个号码）"))
            #expect(imported.text.contains("表头在第 1 行"))
            #expect(imported.text.contains("下载未采用的 2 行"))
            let check = target(await house.post(path, [("col", "0"), ("do", "use")]))
            #expect(check.hasPrefix("send/check/"))
            _ = try await ended(house, check)
            let page = await house.get(check)
            #expect(page.text.contains("发送 2 条（2 计费条，¥0.100）"))
            #expect(page.text.contains("<bdi>张三您好</bdi>"))
            #expect(page.text.contains("99.900"))
            let sent = await house.post(check)
            #expect(sent.status == 303)
            let batch = try await ended(house, target(sent))
            #expect(batch.batchResult?.accepted == 2)
            let shown = await house.get(target(sent))
            #expect(shown.status == 200)
            #expect(shown.text.contains("0.100"))
            #expect(house.shop.runtime.balance == 99_900_000)
            #expect(await house.get("send/batches").text.contains("{姓名}您好"))
            #expect(await house.get("tasks").text.contains("名单.csv"))
        }
    }

    @Test func `a second confirmation leads to the batch and sends nothing`() async throws {
        try await PortalHouse.with { house in
            let check = try await checked(house, "您好")
            let first = await house.post(check)
            _ = try await ended(house, target(first))
            let second = await house.post(check)
            #expect(target(second) == target(first))
            #expect(house.shop.runtime.balance == 99_900_000)
            #expect(await house.get(check).status == 303)
        }
    }

    @Test func `the same again within a day needs a tick`() async throws {
        try await PortalHouse.with { house in
            let first = await house.post(try await checked(house, "您好"))
            _ = try await ended(house, target(first))
            let check = try await checked(house, "您好")
            #expect(await house.get(check).text.contains("发过同样的内容和号码"))
            let refused = await house.post(check)
            #expect(refused.status == 400)
            #expect(refused.text.contains("要再发请勾选"))
            let sent = await house.post(check, [("again", "yes")])
            #expect(sent.status == 303)
            _ = try await ended(house, target(sent))
            #expect(house.shop.runtime.balance == 99_800_000)
        }
    }

    @Test func `typed numbers go straight to the check`() async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let answer = await house.post(
                "send/import", [("text", "您好"), ("nums", "138-0013-8000\n13800138000\nabc"), ("when", "now")])
            #expect(target(answer).hasPrefix("send/check/"))
            _ = try await ended(house, target(answer))
            let page = await house.get(target(answer))
            #expect(page.text.contains("发送 1 条"))
            #expect(page.text.contains("与前面的行重复"))
        }
    }

    @Test(arguments: [
        ([("nums", "13800138000"), ("when", "now")], "请写短信内容"),
        ([("text", "您好"), ("when", "now")], "请输入号码"),
        ([("text", "您好"), ("nums", "13800138000"), ("when", "later"), ("at", "2020-01-01T00:00")], "还没有过去的时间"),
        ([("text", "您好"), ("nums", "13800138000"), ("when", "later"), ("at", "soon")], "还没有过去的时间"),
    ])
    func `what is missing is said, and what was typed is kept`(
        _ fields: [(String, String)], _ words: String
    ) async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let answer = await house.post("send/import", fields)
            #expect(answer.status == 400)
            #expect(answer.text.contains(words))
            #expect(answer.text.contains("<title>错误："))
            if fields.contains(where: { $0.0 == "text" }) { #expect(answer.text.contains("您好")) }
        }
    }

    @Test func `a file that cannot be read says what to do`() async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let answer = await house.post(
                "send/import", [("text", "您好"), ("when", "now")], files: [file("名单.xls", "<html><table>")])
            _ = try await ended(house, target(answer))
            #expect(await house.get(target(answer)).text.contains("另存为 .xlsx"))
        }
    }

    @Test func `a batch for later can be cancelled, and the money comes back`() async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let time = PortalHouse.now.adding(milliseconds: 7_200_000).chinaText.prefix(16).replacing(" ", with: "T")
            let answer = await house.post(
                "send/import", [("text", "您好"), ("nums", "13800138000"), ("when", "later"), ("at", String(time))])
            _ = try await ended(house, target(answer))
            let sent = await house.post(target(answer))
            let path = target(sent)
            _ = try await ended(house, path)
            #expect(house.shop.runtime.balance == 99_950_000)
            #expect(await house.get(path).text.contains("已定时，等待发送"))
            #expect(await house.post(path + "/cancel").status == 303)
            #expect(house.shop.runtime.balance == 100_000_000)
        }
    }

    @Test func `a balance that does not suffice has no button`() async throws {
        try await PortalHouse.with { house in
            _ = try await house.engine.billing.recharge(house.shop, amount: -99_970_000, note: nil)
            let check = try await checked(house, "您好")
            let page = await house.get(check)
            #expect(page.text.contains("余额不足"))
            #expect(!page.text.contains("<button>发送"))
            #expect(await house.post(check).status == 400)
            #expect(house.shop.runtime.balance == 30_000)
        }
    }

    @Test func `another account's tasks are not there`() async throws {
        try await PortalHouse.with { house in
            let check = try await checked(house, "您好")
            let id = check.split(separator: "/").last ?? ""
            for path in [
                check, "send/imports/\(id)", "send/batches/\(id)", "tasks/\(id)", "tasks/\(id)/rejected?format=csv",
            ] {
                #expect(await house.get(path, as: .stranger).status == 404)
            }
            #expect(await house.post(check, as: .stranger).status == 404)
            #expect(await house.post("tasks/\(id)/cancel", as: .stranger).status == 404)
            #expect(await house.get(check, as: .customer([.records])).status == 403)
            #expect(await house.get("send", as: .operators()).status == 404)
            #expect(await house.get("send", as: .nobody).status == 303)
            #expect(await house.get("send/check/../../etc").status == 404)
        }
    }

    @Test func `the rejected rows can be downloaded in both forms`() async throws {
        try await PortalHouse.with { house in
            let check = try await checked(house, "您好")
            let id = check.split(separator: "/").last ?? ""
            for format in SheetFormat.allCases {
                let answer = await house.get("tasks/\(id)/rejected?format=\(format.rawValue)")
                #expect(answer.status == 200)
                #expect(
                    answer.headers.contains { $0.0 == "Content-Disposition" && $0.1.contains(".\(format.rawValue)") })
            }
            #expect(await house.get("tasks/\(id)/rejected?format=exe").status == 404)
        }
    }

    @Test func `what others wrote is shown and never obeyed`() async throws {
        try await PortalHouse.with { house in
            try await ready(house)
            let cell = "<script>alert(1)</script>\u{202E}"
            let evil = cell + "\u{0}"
            let uploaded = await house.post(
                "send/import", [("text", evil + "{姓\"名}"), ("when", "now")],
                files: [file(evil + ".csv", "手机,\"姓\"\"名\"\n13800138001,\(cell)\n13800138002,b\n")])
            let path = target(uploaded)
            _ = try await ended(house, path)
            let check = target(await house.post(path, [("col", "0"), ("do", "use")]))
            _ = try await ended(house, check)
            let sent = target(await house.post(check))
            _ = try await ended(house, sent)
            for page in [
                path, check, sent, "send/batches", "tasks", "send?draft=\(check.split(separator: "/").last ?? "")",
            ] {
                let text = await house.get(page).text
                #expect(!text.contains("<script>alert"), "\(page)")
            }
        }
    }

    @Test func `pages say the same in English`() async throws {
        try await PortalHouse.with { house in
            let check = try await checked(house, "hello")
            let page = await house.get(check, language: .english)
            #expect(page.text.contains("Send 2 (2 segments, ¥0.100)"))
            #expect(await house.get("send", language: .english).text.contains("Import a spreadsheet"))
            #expect(await house.get("tasks", language: .english).text.contains("Tasks and exports"))
        }
    }
}
