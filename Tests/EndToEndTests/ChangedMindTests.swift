import Foundation
import Testing

extension EndToEnd {
    /// Carriers that report segments twice, in any order, and otherwise than before.
    @Suite struct ChangedMindTests {
        /// Three segments.
        private static let text = String(repeating: "长", count: 135)
        private static let faults = ["--duplicate-reports", "1", "--reorder", "--seed", "7"]

        private func eventKinds(_ message: [String: Any]) throws -> [String] {
            try message.objects("events").map { try $0.string("kind") }
        }

        /// Of each message, the statuses that were said again, with the repetitions of each, as the timeline has them:
        /// `DELIVRD`, or `DELIVRD, 3 times, the last at …`.
        private func repetitions(
            _ count: Int, of messages: [Int], _ world: World
        ) async throws -> [Int: [String]] {
            var found: [Int: [String]] = [:]
            for id in messages {
                found[id] = try await eventually("\(count) repeated reports of \(id)", every: .milliseconds(200)) {
                    let events = try await world.appliance.report("message", "show", String(id)).objects("events")
                    var repeated: [String] = []
                    for event in events where try event.string("kind") == "repeated report" {
                        let parts = try event.string("text").split(separator: ",")
                        let times = parts.count > 1 ? Int(parts[1].split(separator: " ").first ?? "") : 1
                        repeated += Array(repeating: String(parts.first ?? ""), count: times ?? 0)
                    }
                    return repeated.count >= count ? repeated : nil
                }
            }
            return found
        }

        @Test func `the first final status of a segment wins, and the second one is on the timeline`() async throws {
            let world = try await World.make(
                account: ["--refund", "failed"], carrier: Self.faults, reportDelay: "400ms")
            let numbers = Numbers.ordinary("138", 20)
            let batch = try world.customer.sendBatch(Array(numbers[..<10]), Self.text)
            #expect(batch.result == 0)
            var messages = (0..<10).map { batch.msgid + $0 }
            for number in numbers[10...] { messages.append(try world.customer.sendSingle(number, Self.text).msgid) }
            let reports = try await world.customer.reports(60)

            // Each segment was handed out twice.
            try await eventually("the carrier's last word") {
                let handedOut = try world.carrier.handedOut()
                return handedOut.count == 60 && handedOut.values.allSatisfy { $0.count == 2 }
            }
            let handedOut = try world.carrier.handedOut().values
            let changed = handedOut.count { $0[0] != $0[1] }
            #expect(changed > 0)
            let repeated = try await repetitions(3, of: messages, world)
            #expect(repeated.values.allSatisfy { $0.count == 3 })
            let second = repeated.values.flatMap { $0 }
            #expect(second.count { $0 == "UNDELIV" } == handedOut.count { $0[1] == "UNDELIV" })
            #expect(second.count { $0 == "DELIVRD" } == handedOut.count { $0[1] == "DELIVRD" })

            try expectOneReportPerSegment(of: messages, reports)
            #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
            #expect(try world.customer.takeReports().isEmpty)
            for id in messages { #expect(try await world.appliance.state(of: id) == "delivered") }
            #expect(try await world.appliance.counter("final_messages") == 20)
            #expect(try await world.segmentsCharged() == 60)
            #expect(try await world.appliance.ledgerIsSound())
        }

        private func expectOneReportPerSegment(of messages: [Int], _ reports: [ReportEntry]) throws {
            let segments = messages.flatMap { id in (0..<3).map { id + $0 * Customer.stride } }
            #expect(reports.map(\.msgid).sorted() == segments.sorted())
            #expect(reports.allSatisfy { $0.pktotal == 3 && $0.pknum == $0.msgid / Customer.stride + 1 })
        }

        @Test func `what is delivered after it expired has expired`() async throws {
            // Looked for every five seconds, so that all have expired well before the first report.
            let world = try await World.make(
                account: ["--refund", "failed"], carrier: Self.faults, reportDelay: "14s",
                environment: ["YIZHAN_REPORT_EXPIRE_AFTER": "1s"])
            let batch = try world.customer.sendBatch(Numbers.ordinary("138", 8), Self.text)
            let messages = (0..<8).map { batch.msgid + $0 }
            let reports = try await world.customer.reports(24)
            try expectOneReportPerSegment(of: messages, reports)
            let reported = try world.carrier.handedOut()
            // Nothing, or, when the order is shuffled so, all of the submission before its answer.
            try #require(reported.isEmpty)
            #expect(reports.allSatisfy { $0.errcode == "EXPIRED" })

            let punctual = try await eventually("the carrier's reports", within: .seconds(120)) {
                let handedOut = try world.carrier.handedOut()
                return handedOut.isEmpty ? nil : handedOut
            }
            #expect(punctual.values.contains { $0.contains("DELIVRD") })
            let late = try await eventually("a late report on a timeline") {
                for id in messages {
                    let message = try await world.appliance.report("message", "show", String(id))
                    if try eventKinds(message).contains("repeated report") { return message }
                }
                return nil
            }
            #expect(try late.string("state") == "failed")
            #expect(try late.string("status") == "EXPIRED")
            #expect(try late.integer("refunded_units") == 3 * World.price)
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.appliance.counter("final_messages") == 8)
            #expect(try await world.segmentsCharged() == 0)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
