import Messaging
import Testing

@testable import Engine

struct ChannelChoiceTests {
    private func candidate(
        _ key: ChannelKey, _ networks: NetworkSet = .mainland, priority: Int = 0, isOpen: Bool = true, depth: Int = 0,
        isEnabled: Bool = true
    ) -> ChannelChoice.Candidate {
        let channel = Channel(
            name: "\(key)", accessNumber: "1", networks: networks, priority: priority, isEnabled: isEnabled)
        return ChannelChoice.Candidate(key: key, channel: channel, isOpen: isOpen, depth: depth)
    }

    @Test func `open before failing, then priority, then the emptiest, then the oldest`() {
        func choose(_ candidates: ChannelChoice.Candidate...) -> ChannelChoice {
            let choice = ChannelChoice.choose(for: .mobile, among: candidates)
            #expect(ChannelChoice.choose(for: .mobile, among: candidates.reversed()) == choice)
            return choice
        }
        #expect(choose(candidate(1, priority: 9, isOpen: false), candidate(2)) == .channel(2))
        #expect(choose(candidate(1), candidate(2, priority: 1, depth: 1000)) == .channel(2))
        #expect(choose(candidate(1, depth: 5), candidate(2, depth: 4)) == .channel(2))
        #expect(choose(candidate(1), candidate(2)) == .channel(1))
        #expect(choose(candidate(1, isOpen: false), candidate(2, priority: 1, isOpen: false)) == .channel(2))
    }

    @Test func `only a channel that serves the number's carrier, and only one that is on`() {
        let unicom = NetworkSet([.unicom])
        #expect(
            ChannelChoice.choose(for: .mobile, among: [candidate(1, unicom), candidate(2, priority: -1)]) == .channel(2)
        )
        #expect(ChannelChoice.choose(for: .mobile, among: [candidate(1, unicom)]) == .noRoute)
        #expect(ChannelChoice.choose(for: .international, among: [candidate(1)]) == .noRoute)
        #expect(
            ChannelChoice.choose(for: nil, among: [candidate(1), candidate(2, unicom, priority: 1)]) == .channel(1))
        #expect(ChannelChoice.choose(for: nil, among: [candidate(2, unicom)]) == .noRoute)
        #expect(ChannelChoice.choose(for: .mobile, among: [candidate(1, isEnabled: false)]) == .later)
        #expect(
            ChannelChoice.choose(for: .mobile, among: [candidate(1, isEnabled: false), candidate(2, unicom)])
                == .noRoute)
        #expect(ChannelChoice.choose(for: .mobile, among: []) == .later)
    }
}

struct ReplyOwnerTests {
    private func find(_ accessNumber: String, _ accounts: [(AccountKey, String)]) -> ReplyOwner {
        ReplyOwner.find(
            accessNumber: accessNumber, channelNumber: "1069",
            accounts: accounts.map { (key: $0.0, accessExtension: $0.1) })
    }

    @Test func `the longest extension that fits has the reply`() {
        let accounts: [(AccountKey, String)] = [(1, ""), (2, "8"), (3, "88"), (4, "9")]
        #expect(find("1069", accounts) == .account(1, customerExtension: ""))
        #expect(find("10697", accounts) == .account(1, customerExtension: "7"))
        #expect(find("10698", accounts) == .account(2, customerExtension: ""))
        #expect(find("1069871", accounts) == .account(2, customerExtension: "71"))
        #expect(find("10698801", accounts) == .account(3, customerExtension: "01"))
    }

    @Test func `accounts with the same extension share it`() {
        #expect(
            find("106981", [(1, "8"), (2, "8"), (3, "")]) == .lastSender(among: [1, 2], customerExtension: "1"))
        #expect(find("10691", [(1, ""), (2, "")]) == .lastSender(among: [1, 2], customerExtension: "1"))
    }

    @Test func `what fits nobody is nobody's`() {
        #expect(find("10691", [(1, "8")]) == .nobody)
        #expect(find("2069", [(1, "")]) == .nobody)
        #expect(find("106", [(1, "")]) == .nobody)
        #expect(find("", [(1, "")]) == .nobody)
        #expect(find("1069", []) == .nobody)
    }
}

struct MailboxTests {
    @Test func `everything that waits comes at once, in order`() async {
        let mailbox = Mailbox<Int>(countMax: 10)
        for number in 1...3 { #expect(mailbox.push(number)) }
        #expect(mailbox.count == 3)
        #expect(await mailbox.next() == [1, 2, 3])
        #expect(mailbox.count == 0)
    }

    @Test func `a full mailbox takes nothing more`() async {
        let mailbox = Mailbox<Int>(countMax: 2)
        #expect((1...4).map { mailbox.push($0) } == [true, true, false, false])
        #expect(await mailbox.next() == [1, 2])
        #expect(mailbox.push(5))
    }

    @Test func `a closed mailbox gives out what it has and then ends`() async {
        let mailbox = Mailbox<Int>(countMax: 10)
        _ = mailbox.push(1)
        mailbox.close()
        #expect(!mailbox.push(2))
        #expect(await mailbox.next() == [1])
        #expect(await mailbox.next() == nil)
    }

    @Test func `who waits is woken by an element and by the end`() async {
        let mailbox = Mailbox<Int>(countMax: 10)
        async let first = mailbox.next()
        await Task.yield()
        #expect(mailbox.push(1))
        #expect(await first == [1])
        async let second = mailbox.next()
        await Task.yield()
        mailbox.close()
        #expect(await second == nil)
    }

    @Test func `many writers and one reader lose nothing`() async {
        let mailbox = Mailbox<Int>(countMax: .max)
        async let read: [Int] = {
            var all: [Int] = []
            while let batch = await mailbox.next() { all += batch }
            return all
        }()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask { for number in 0..<500 { _ = mailbox.push(writer * 500 + number) } }
            }
        }
        mailbox.close()
        #expect(await read.sorted() == Array(0..<4000))
    }
}
