import Foundation
import Messaging
import Testing

/// The rules of a message's and of a call's life, compared case by case with the tables in Sources/README.md.
struct LifecycleTests {
    private static let now = Timestamp(milliseconds: 1_720_497_600_000)
    private static let failure = DeliveryStatus("MK:0001")

    /// A message of two segments in each state that the rules tell apart.
    private static let lives: [(name: String, life: MessageLife)] = [
        ("scheduled", life(.scheduled)), ("queued", life(.queued)), ("submitted", life(.submitted)),
        ("submitted, 1 reported", life(.submitted, [1], .delivered)),
        ("delivered", life(.delivered, [1, 2], .delivered)), ("failed", life(.failed, [1, 2], failure)),
    ]

    private static func life(
        _ state: MessageState, _ reported: SegmentSet = [], _ status: DeliveryStatus? = nil
    ) -> MessageLife {
        MessageLife(state: state, progress: MessageProgress(segmentTotal: 2, reported: reported, status: status))
    }

    private static func report(
        _ status: DeliveryStatus, _ segment: Int? = nil, another: Bool = false
    ) -> MessageEvent { .reported(status, segment: segment, of: segment.map { _ in 2 }, another: another) }

    private static let events: [(name: String, event: MessageEvent)] = [
        ("turned down when it is accepted", .turnedDown(.rejected)),
        ("due", .due),
        ("due, its number on the blacklist", .blacklistedWhenDue),
        ("cancelled", .cancelled),
        ("a call with it begins", .callBegun),
        ("its call, or it in its call, is refused for good", .callRefused(.rejected)),
        ("its call is refused for now, or did not leave", .callReturned),
        ("report DELIVRD", report(.delivered)),
        ("report MK:0001", report(failure)),
        ("report DELIVRD of segment 1", report(.delivered, 1)),
        ("report MK:0001 of segment 2", report(failure, 2)),
        ("report MK:0001, the route has another channel", report(failure, another: true)),
        ("interim report", .reportedInterim),
        ("report of the attempt before its second channel", .reportedLate),
        ("no report in time", .unreported),
        ("no channel takes it, or it waited too long", .unsendable(.noRoute)),
        ("not worth sending any more", .overdue(firstFailure: nil, attempt: .notSent)),
        ("the same, its attempt abandoned", .overdue(firstFailure: nil, attempt: .abandoned)),
        ("the same, its first channel reported MK:0001", .overdue(firstFailure: failure, attempt: .accepted)),
        ("no second channel after MK:0001", .noSecondChannel(firstFailure: failure)),
        ("resolved by hand as delivered", .resolved(.delivered, attempt: .uncertain)),
        ("resolved by hand as failed", .resolved(.failed, attempt: .uncertain)),
        ("resolved by hand as to be sent again", .resolved(.resend, attempt: .uncertain)),
        ("resolved by hand, its attempt not uncertain", .resolved(.failed, attempt: .accepted)),
        ("its channel's rule sends it again", .resent(attempt: .uncertain)),
        ("the same, its attempt not uncertain", .resent(attempt: .accepted)),
    ]

    private static let effects: [(name: String, effect: MessageChanges.Effects)] = [
        ("account total", .countsForAccount), ("channel total", .countsForChannel), ("into the queue", .enqueues),
        ("channel submitted + 1, expiry again", .returnsToAttempt), ("channel submitted − 1", .leavesChannel),
        ("channel failed + 1, first attempt kept", .failsOnChannel),
    ]

    private static func row(_ changes: MessageChanges, from life: MessageLife) -> String {
        let reports = changes.segments.map(String.init).joined(separator: ", ")
        let cells = [
            changes.life.state == life.state ? "same" : changes.life.state.name,
            reports.isEmpty ? "–" : "\(reports): \(changes.status?.code ?? "?")",
            changes.refund.map { "\($0)" } ?? "–",
            effects.filter { changes.effects.contains($0.effect) }.map(\.name).joined(separator: "; "),
            changes.note?.rawValue ?? "–",
        ]
        return cells.map { $0.isEmpty ? "–" : $0 }.joined(separator: " | ")
    }

    /// Rows of one event with the same changes are one line.
    private static func lines<Case>(
        _ event: String, _ cases: [(String, Case)], columns: Int, _ row: (Case) -> String?
    ) -> [String] {
        var groups: [(states: [String], row: String)] = []
        for (state, value) in cases {
            guard let row = row(value) else { continue }
            if groups.last?.row == row {
                groups[groups.count - 1].states.append(state)
            } else {
                groups.append(([state], row))
            }
        }
        if groups.isEmpty { groups = [(["any"], Array(repeating: "–", count: columns).joined(separator: " | "))] }
        return groups.map { "| \(event) | \($0.states.joined(separator: "; ")) | \($0.row) |" }
    }

    private static var messageTable: [String] {
        [
            "| Event | In state | Becomes | Segments reported | Refund as | Also | Timeline |",
            "|---|---|---|---|---|---|---|",
        ]
            + events.flatMap { name, event in
                lines(name, lives.map { ($0.name, $0.life) }, columns: 5) { life in
                    life.changes(on: event, at: now).map { row($0, from: life) }
                }
            }
    }

    private static let callEvents: [(name: String, event: CallEvent)] = [
        ("taken", .taken), ("refused for good", .refused(.rejected)), ("refused for now", .refusedForNow),
        ("did not leave", .notSent), ("no answer, or stopped before it", .unanswered),
        ("none of its messages is open any more", .reported),
        ("the last open ones were queued again", .requeued),
    ]

    private static let messageNames: [MessageEvent: String] = [
        .callRefused(.rejected): "refused for good", .callReturned: "refused for now, or did not leave",
    ]

    private static var callTable: [String] {
        ["| Event | In state | Becomes | Event of its messages | Channel total | Also |", "|---|---|---|---|---|---|"]
            + callEvents.flatMap { name, event in
                lines(name, AttemptState.allCases.map { ($0.name, $0) }, columns: 4) { state in
                    state.changes(on: event).map { changes in
                        let also = [
                            changes.wakesReports ? "parked reports are tried" : nil,
                            changes.isNoted ? "timeline of an only message" : nil,
                        ].compactMap { $0 }.joined(separator: "; ")
                        return [
                            changes.state.name, changes.messages.map { messageNames[$0] ?? "?" } ?? "–",
                            changes.count == .none ? "–" : "\(changes.count)", also.isEmpty ? "–" : also,
                        ].joined(separator: " | ")
                    }
                }
            }
    }

    /// The lines between the marks of that name, blank ones aside.
    private static func block(_ name: String) throws -> [String] {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Sources/README.md"
        let other = FileManager.default.currentDirectoryPath + "/Sources/README.md"
        let path = FileManager.default.fileExists(atPath: here) ? here : other
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let begin = try #require(lines.firstIndex(of: "<!-- \(name):begin -->"))
        let end = try #require(lines.firstIndex(of: "<!-- \(name):end -->"))
        return Array(lines[(begin + 1)..<end])
    }

    @Test(arguments: ["lifecycle", "calls"])
    func `each event does in each state what the map says, and nothing where it says nothing`(name: String) throws {
        let table = name == "lifecycle" ? Self.messageTable : Self.callTable
        let drawn = try Self.block(name)
        // The table as it should be is in the failure's text, to be read and then pasted.
        #expect(drawn == table, "Sources/README.md, \(name):\n\(table.joined(separator: "\n"))")
    }

    @Test func `nothing changes a final message but its timeline`() {
        for (_, life) in Self.lives where life.state.isFinal {
            for (name, event) in Self.events {
                guard let changes = life.changes(on: event, at: Self.now) else { continue }
                #expect(changes.life == life && changes.segments.isEmpty && changes.refund == nil, "\(name)")
                #expect(changes.effects.isEmpty && changes.note != nil, "\(name)")
            }
        }
    }

    @Test(arguments: 1...4)
    func `any life gives each segment one report and counts one end`(segments: Int) {
        var random = SeededGenerator(seed: UInt64(segments))
        for _ in 0..<2000 {
            let start: MessageState = Bool.random(using: &random) ? .scheduled : .queued
            var life = MessageLife(state: start, progress: MessageProgress(segmentTotal: segments))
            var reported: [Int] = []
            var (ends, submitted) = (0, 0)
            for _ in 0..<40 {
                var (_, event) = Self.events[Int.random(in: 0..<Self.events.count, using: &random)]
                if case .reported(let status, _, _, let another) = event {
                    let segment = Int.random(in: 1...segments, using: &random)
                    event = .reported(status, segment: segment, of: segments, another: another)
                }
                guard let changes = life.changes(on: event, at: Self.now) else { continue }
                reported += Array(changes.segments)
                #expect((changes.refund != nil) == (changes.status.map { !$0.isDelivered } ?? false))
                #expect(changes.effects.contains(.enqueues) == (changes.life.state == .queued && life.state != .queued))
                if changes.effects.contains(.countsForAccount) { ends += 1 }
                // A channel counts as submitted what is with it, by a call or by its return from the queue.
                if event == .callBegun || changes.effects.contains(.returnsToAttempt) { submitted += 1 }
                if event == .callReturned || changes.effects.contains(.leavesChannel) { submitted -= 1 }
                if changes.effects.contains(.failsOnChannel) || changes.effects.contains(.countsForChannel) {
                    submitted -= 1
                }
                life = changes.life
                #expect(life.state != .queued || !life.progress.hasReports)
                #expect(life.progress.isFinal == life.state.isFinal)
            }
            #expect(reported.count == Set(reported).count)
            #expect(ends == (life.state.isFinal ? 1 : 0) && (!life.state.isFinal || reported.count == segments))
            #expect(submitted == (life.state == .submitted ? 1 : 0))
        }
    }

    @Test func `an operator hears an objection where the decision would change nothing`() {
        for (_, life) in Self.lives {
            for settlement in HandSettlement.allCases {
                for attempt in [nil] + AttemptState.allCases.map(Optional.some) {
                    for end in [nil, Self.now, Self.now.adding(milliseconds: 1)] {
                        var life = life
                        life.validUntil = end
                        let objection = life.objection(to: settlement, attempt: attempt, at: Self.now)
                        let changes = life.changes(on: .resolved(settlement, attempt: attempt), at: Self.now)
                        #expect((objection == nil) == (changes != nil))
                    }
                }
            }
        }
    }

    @Test func `nothing goes out again after the time that it is worth sending`() {
        var life = Self.life(.submitted)
        life.validUntil = Self.now
        #expect(life.changes(on: .resent(attempt: .uncertain), at: Self.now) == nil)
        #expect(life.changes(on: .resolved(.resend, attempt: .uncertain), at: Self.now) == nil)
        let failed = life.changes(on: Self.report(Self.failure, another: true), at: Self.now)
        #expect(failed?.life.state == .failed && failed?.refund == .undelivered)
        let earlier = Self.now.adding(milliseconds: -1)
        #expect(life.changes(on: .resent(attempt: .uncertain), at: earlier)?.life.state == .queued)
    }

    @Test func `what moves many messages in one statement moves those of one state`() {
        let expected: [(event: MessageEvent, from: MessageState, to: MessageState, onlyUnreported: Bool)] = [
            (.due, .scheduled, .queued, false), (.callBegun, .queued, .submitted, false),
            (.callReturned, .submitted, .queued, true),
        ]
        for (event, from, to, onlyUnreported) in expected {
            let move = MessageLife.move(on: event)
            #expect(move?.from == from && move?.to == to && move?.onlyUnreported == onlyUnreported)
        }
        #expect(MessageLife.move(on: .turnedDown(.rejected)) == nil)
        #expect(MessageLife.move(on: .reportedInterim) == nil)
    }

    @Test func `what is refunded depends on the cause and the account's rule`() {
        let refunded: [FailureCause: [Account.RefundRule]] = [
            .neverCharged: [], .refused: [.refused, .failed], .undelivered: [.failed],
            .cancelled: [.never, .refused, .failed], .keptBack: [.never, .refused, .failed],
            .notInTime: [.never, .refused, .failed],
        ]
        for cause in FailureCause.allCases {
            for rule in Account.RefundRule.allCases {
                #expect(cause.isRefunded(under: rule) == refunded[cause]?.contains(rule), "\(cause) \(rule)")
            }
        }
    }

    @Test func `a set of segments is counted and walked in order`() {
        #expect(Array(SegmentSet(rawValue: 0)) == [] && SegmentSet(rawValue: 0).isEmpty)
        let set: SegmentSet = [63, 1, 5]
        #expect(Array(set) == [1, 5, 63] && set.count == 3 && set.rawValue == 1 | 1 << 4 | 1 << 62)
    }
}
