import Messaging
import Store
import Testing

/// Lists of replies, and queries that are kept under an id.
struct ReplySearchTests {
    private let world: World
    private let first: AccountKey
    private let second: AccountKey
    private let channel: ChannelKey

    init() async throws {
        world = try World()
        first = try await world.account("J10001")
        second = try await world.account("J10002")
        channel = try await world.channel()
    }

    private func reply(
        _ account: AccountKey, _ mobile: String, _ content: String, minute: Int64, answered: MessageID? = nil
    ) async throws {
        let at = World.noon.adding(milliseconds: minute * 60_000)
        let reply = CarrierReply(
            carrierID: nil, mobile: mobile, accessNumber: "10690012122", content: content, receivedAt: at)
        try await world.apply(
            [],
            replies: [OwnedReply(account: account, reply: reply, accessExtension: "", answered: answered)],
            from: channel, at: at)
    }

    private func contents(_ change: (inout ReplySearch) -> Void = { _ in }) async throws -> [String] {
        var search = ReplySearch(scope: AccountScope([first, second]))
        change(&search)
        return try await world.store.replies(search).items.map(\.content)
    }

    @Test func `replies are found by number, text, time and account, the latest first`() async throws {
        let sent = MessageID(sequence: try await world.send(first))
        try await reply(first, "13800138000", "退订T", minute: 0, answered: sent)
        try await reply(second, "13800138000", "好的", minute: 1)
        try await reply(first, "8613800138000", "谢谢", minute: 2)
        try await reply(first, "13900139000", "退订", minute: 3)
        #expect(try await contents() == ["退订", "谢谢", "好的", "退订T"])
        #expect(try await contents { $0.scope = AccountScope([second]) } == ["好的"])
        #expect(try await contents { $0.scope = AccountScope([]) }.isEmpty)
        #expect(try await contents { $0.scope = .everything } == ["退订", "谢谢", "好的", "退订T"])
        #expect(try await contents { $0.mobile = PhoneNumber("13800138000") } == ["谢谢", "好的", "退订T"])
        #expect(try await contents { $0.content = "退订" } == ["退订", "退订T"])
        #expect(
            try await contents {
                $0.from = World.noon.adding(milliseconds: 60_000)
                $0.to = World.noon.adding(milliseconds: 180_000)
            } == ["谢谢", "好的"])
        let records = try await world.store.replies(ReplySearch(scope: AccountScope([first]))).items
        #expect(records.last?.answered == sent)
        #expect(records.last?.answeredContent == "你好")
        #expect(records.first?.answeredContent == nil)
        #expect(records.map(\.accountID) == ["J10001", "J10001", "J10001"])
    }

    @Test(arguments: [SearchBudget.page, SearchBudget(milliseconds: 0, steps: 1)])
    func `pages of replies are together the whole list`(budget: SearchBudget) async throws {
        for index in 0..<9 {
            try await reply(index % 4 == 0 ? second : first, "13800138000", "第\(index)条", minute: Int64(index))
        }
        var search = ReplySearch(scope: AccountScope([first, second]))
        (search.limit, search.budget) = (2, budget)
        var paged: [String] = []
        repeat {
            let page = try await world.store.replies(search)
            paged += page.items.map(\.content)
            search.before = page.next
        } while search.before != nil
        #expect(paged == (0..<9).reversed().map { "第\($0)条" })
    }

    @Test func `a saved query is read by its owner until it expires`() async throws {
        let later = World.noon.adding(milliseconds: 1000)
        try await world.store.saveQuery("13800138000", id: "a", owner: "1", until: later, at: World.noon)
        #expect(try await world.store.savedQuery("a", owner: "1", at: World.noon) == "13800138000")
        #expect(try await world.store.savedQuery("a", owner: "2", at: World.noon) == nil)
        #expect(try await world.store.savedQuery("a", owner: "1", at: later) == nil)
        // Nobody takes another's id, and what has expired goes with the next one.
        try await world.store.saveQuery("mine", id: "a", owner: "2", until: later, at: World.noon)
        #expect(try await world.store.savedQuery("a", owner: "1", at: World.noon) == "13800138000")
        try await world.store.saveQuery("", id: "b", owner: "2", until: .init(milliseconds: .max), at: later)
        #expect(try world.count("SELECT COUNT(*) FROM saved_query") == 1)
    }

    @Test func `an owner's oldest queries make room`() async throws {
        for index in 0...Store.savedQueriesMax {
            let expiry = World.noon.adding(milliseconds: Int64(index + 1))
            try await world.store.saveQuery("", id: "\(index)", owner: "1", until: expiry, at: World.noon)
        }
        #expect(try world.count("SELECT COUNT(*) FROM saved_query") == Int64(Store.savedQueriesMax))
        #expect(try await world.store.savedQuery("0", owner: "1", at: World.noon) == nil)
    }
}
