import Messaging
import Store
import Testing

/// Searches over messages, compared with what the test itself knows of them.
struct MessageSearchTests {
    private let world: World
    private let first: AccountKey
    private let second: AccountKey

    private struct Known {
        var sequence: MessageSequence
        var account: AccountKey
        var mobile: PhoneNumber
        var content: String
        var at: Timestamp
    }

    init() async throws {
        world = try World()
        first = try await world.account("J10001", balance: .max / 4)
        second = try await world.account("J10002", balance: .max / 4)
    }

    private static let texts = ["您的验证码是1234，请勿告诉他人", "会员日全场满二百减三十", "100%_off today", "会员您好"]

    /// Accepts parts one after the other, a second apart: `count` parts of `size` numbers, of both accounts in turn.
    private func fill(_ count: Int, size: Int, from start: Int = 0) async throws -> [Known] {
        var known: [Known] = []
        var submissions: [AcceptedSubmission] = []
        var meta: [(AccountKey, [String], String, Timestamp)] = []
        for index in start..<start + count {
            let account = index % 3 == 0 ? second : first
            let mobiles = (0..<size).map { "\(13_800_000_000 + (index * size + $0) % 997)" }
            let text = Self.texts[index % Self.texts.count]
            let at = World.noon.adding(milliseconds: Int64(index) * 1000)
            let part = World.part(account, mobiles, cost: 1, at: at, content: text)
            submissions.append(AcceptedSubmission(parts: [part]))
            meta.append((account, mobiles, text, at))
        }
        for (result, (account, mobiles, text, at)) in zip(try await world.accept(submissions), meta) {
            for (offset, mobile) in mobiles.enumerated() {
                known.append(
                    Known(
                        sequence: result.acceptance.firstID.sequence + Int64(offset), account: account,
                        mobile: try #require(PhoneNumber(mobile)), content: text, at: at))
            }
        }
        return known
    }

    private func expected(_ known: [Known], _ search: MessageSearch) -> [MessageSequence] {
        known.filter { message in
            search.scope.contains(message.account) && search.mobile.map { $0 == message.mobile } ?? true
                && (search.content.isEmpty || message.content.contains(search.content))
                && search.from.map { message.at >= $0 } ?? true && search.to.map { message.at < $0 } ?? true
                && search.before.map { message.sequence < $0 } ?? true
        }.map(\.sequence).sorted(by: >)
    }

    /// All pages of a search, put together.
    private func whole(_ search: MessageSearch) async throws -> [MessageSequence] {
        var search = search
        var found: [MessageSequence] = []
        while true {
            let page = try await world.store.search(search)
            #expect(page.items.count <= search.limit)
            #expect(page.lookedBackTo == nil || page.next != nil)
            found += page.items.map(\.id.sequence)
            guard let next = page.next else { return found }
            #expect(search.before.map { next < $0 } ?? true)
            search.before = next
        }
    }

    private func searches(at middle: Timestamp) -> [MessageSearch] {
        let mobile = PhoneNumber(rawValue: 13_800_000_123)
        var searches: [MessageSearch] = []
        for scope in [AccountScope([first]), AccountScope([second]), AccountScope([first, second]), .everything] {
            for content in ["", "会员", "验证码", "100%_", "没有"] {
                for number in [nil, mobile] {
                    var search = MessageSearch(scope: scope)
                    (search.content, search.mobile, search.limit) = (content, number, 1000)
                    searches.append(search)
                    search.from = middle
                    searches.append(search)
                    (search.from, search.to) = (nil, middle)
                    searches.append(search)
                    (search.from, search.to) = (middle, middle.adding(milliseconds: 5000))
                    searches.append(search)
                }
            }
        }
        return searches
    }

    @Test func `a search finds what meets all conditions, the latest first`() async throws {
        let known = try await fill(90, size: 7)
        for search in searches(at: known[known.count / 2].at) {
            #expect(try await whole(search) == expected(known, search), "\(search)")
        }
    }

    @Test func `pages under the smallest budget are together the whole result`() async throws {
        let known = try await fill(60, size: 5)
        for var search in searches(at: known[known.count / 2].at) {
            search.limit = 3
            search.budget = SearchBudget(milliseconds: 0, steps: 1)
            #expect(try await whole(search) == expected(known, search), "\(search)")
        }
    }

    @Test func `indexed chunks, with few and with many submissions, answer as the messages themselves`() async throws {
        // The first chunk has more submissions of the first account than are looked up one by one; the second account
        // has few; the last messages are not indexed.
        var known = try await fill(30_000, size: 1)
        known += try await fill(240, size: 1000, from: 30_000)
        let searches = [
            ("会员", nil, AccountScope([first])), ("", 13_800_000_123, AccountScope([second])),
            ("没有", nil, AccountScope([first])), ("验证码", 13_800_000_500, .everything),
        ].map { content, number, scope in
            var search = MessageSearch(scope: scope)
            search.content = content
            search.mobile = number.map { PhoneNumber(rawValue: Int64($0)) }
            search.limit = 20_000
            return search
        }
        let before = try await allPages(of: searches)
        #expect(try await world.store.indexNextChunk())
        for (index, search) in searches.enumerated() {
            #expect(before[index] == expected(known, search))
            #expect(try await whole(search) == before[index], "\(search)")
        }
    }

    private func allPages(of searches: [MessageSearch]) async throws -> [[MessageSequence]] {
        var pages: [[MessageSequence]] = []
        for search in searches { pages.append(try await whole(search)) }
        return pages
    }

    @Test func `a search that ends early says how far it looked`() async throws {
        let known = try await fill(40_000, size: 1)
        var search = MessageSearch(scope: AccountScope([first]))
        search.content = "没有"
        search.budget = SearchBudget(milliseconds: 10_000, steps: 1)
        let page = try await world.store.search(search)
        #expect(page.items.isEmpty)
        let next = try #require(page.next)
        #expect(next > 1)
        let place = try #require(known.first { $0.sequence == next })
        #expect(page.lookedBackTo == place.at)
    }

    @Test func `each status is found by its own name and no other`() async throws {
        let channel = try await world.channel()
        let due = World.noon.adding(milliseconds: 3_600_000)
        // 1 queued, 2 scheduled, 3 cancelled, 4 awaiting, 5 uncertain, 6 delivered, 7 failed, 8 refused without a call.
        _ = try await world.send(first)
        _ = try await world.accept(World.part(first, due: due))
        _ = try await world.accept(World.part(first, due: due))
        _ = try await world.store.cancelScheduled(
            [MessageID(rawValue: 3)], allOfRequest: false, reason: "", at: World.noon)
        for _ in 4...7 { _ = try await world.send(first) }
        _ = try await world.accept(World.part(first, ["13"]))
        try await world.submit(channel, [4], carrierID: 400)
        try await world.settle(try await world.begin(channel, [5]), .uncertain(detail: "time-out"))
        try await world.submit(channel, [6, 7], carrierID: 600)
        try await world.apply([World.report(id: 600), World.report(id: 601, "UNDELIV")], from: channel)
        let expected: [MessageStatus: [MessageSequence]] = [
            .queued: [1], .scheduled: [2], .cancelled: [3], .awaitingReport: [4], .uncertain: [5], .delivered: [6],
            .failed: [8, 7],
        ]
        for status in MessageStatus.allCases {
            for content in ["", "你好"] {
                var search = MessageSearch(scope: AccountScope([first]))
                (search.statuses, search.content) = ([status], content)
                #expect(try await whole(search) == expected[status], "\(status)")
                let page = try await world.store.search(search)
                #expect(page.items.allSatisfy { $0.listed == status })
            }
        }
        var search = MessageSearch(scope: AccountScope([first]))
        search.statuses = MessageStatus.unknown
        #expect(try await whole(search) == [5, 4, 2, 1])
        search.statuses = []
        search.code = "UNDELIV"
        #expect(try await whole(search) == [7])
        search.scope = AccountScope([second])
        #expect(try await whole(search).isEmpty)
    }

    @Test func `nothing outside of the scope is found, whatever else is asked`() async throws {
        let id = MessageID(sequence: try await world.send(first))
        let other = AccountScope([second])
        var search = MessageSearch(scope: other)
        for request in [nil, id.sequence] {
            for mobile in [nil, PhoneNumber("13800138000")] {
                (search.request, search.mobile) = (request, mobile)
                #expect(try await whole(search).isEmpty)
                search.statuses = [.queued]
                #expect(try await whole(search).isEmpty)
                search.statuses = []
            }
        }
        #expect(try await world.store.records(of: [id], scope: other).isEmpty)
        #expect(try await world.store.records(of: [id], scope: AccountScope([first])).map(\.id) == [id])
        await #expect(throws: StoreFailure.notFound) { try await world.store.timeline(of: id, scope: other) }
        await #expect(throws: StoreFailure.notFound) { _ = try await world.store.batch(id, scope: other) }
        await #expect(throws: StoreFailure.notFound) {
            _ = try await world.store.ledgerEntries(of: id, scope: other)
        }
        await #expect(throws: StoreFailure.notFound) {
            _ = try await world.store.ledgerEntries(ofRequest: id, scope: other)
        }
        #expect(AccountScope([first]).narrowed(to: second) == AccountScope([]))
        #expect(AccountScope.everything.narrowed(to: second) == AccountScope([second]))
    }
}
