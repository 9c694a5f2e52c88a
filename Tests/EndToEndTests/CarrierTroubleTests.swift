import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Carriers that are dead, slow, flapping, or out of their mind, beside one that is well.
    @Suite struct CarrierTroubleTests {
        enum Trouble: String, CaseIterable, Sendable {
            /// Nobody listens.
            case dead
            /// Takes connections and requests, and says nothing.
            case hung
            case slow
            case flapping
            case garbage
            /// Refuses everything for now.
            case refusing

            var arguments: [String] {
                switch self {
                case .dead, .hung: []
                case .slow: ["--slow", "30s"]
                case .flapping: ["--flap", "300ms/700ms"]
                case .garbage: ["--garbage", "0.5"]
                case .refusing: ["--fail-rate", "1"]
                }
            }
        }

        private static let healthyOnes = Numbers.ordinary("138", 300)
        private static let troubledOnes = Numbers.ordinary("130", 300)

        /// 300 messages to each network: batches of both, and single ones in turns.
        private func sendToBoth(_ world: World) throws {
            for start in stride(from: 0, to: 240, by: 80) {
                let both = Self.troubledOnes[start..<start + 80] + Self.healthyOnes[start..<start + 80]
                #expect(try world.customer.sendBatch(Array(both)).result == 0)
            }
            for place in 240..<300 {
                #expect(try world.customer.sendSingle(Self.troubledOnes[place]).result == 0)
                #expect(try world.customer.sendSingle(Self.healthyOnes[place]).result == 0)
            }
        }

        /// Collects until all messages of the healthy network are reported, and perhaps others.
        private func takeHealthyReports(_ world: World) async throws -> [ReportEntry] {
            var reports: [ReportEntry] = []
            // Shorter than a slow answer takes.
            try await eventually("the reports of the healthy channel", within: .seconds(25)) {
                while case let entries = try world.customer.takeReports(), !entries.isEmpty { reports += entries }
                return reports.count { $0.mobile.hasPrefix("138") } >= Self.healthyOnes.count
            }
            return reports
        }

        @Test(arguments: Trouble.allCases)
        func `a carrier in trouble does not delay the messages of another channel`(trouble: Trouble) async throws {
            let world = try await World.make(channel: ["--carriers", "mobile"])
            let other = try await world.addCarrier(
                "other", trouble.arguments + ["--seed", "11"], channel: ["--carriers", "unicom"])
            if trouble == .dead {
                other.process.signal(SIGTERM)
                _ = try await other.process.waitForExit()
            }
            if trouble == .hung { other.process.signal(SIGSTOP) }
            try sendToBoth(world)
            let reports = try await takeHealthyReports(world)
            let healthy = reports.filter { $0.mobile.hasPrefix("138") }
            #expect(Set(healthy.map(\.mobile)) == Set(Self.healthyOnes))
            #expect(healthy.count == Self.healthyOnes.count)
            #expect(healthy.allSatisfy { $0.errcode == "DELIVRD" })
            #expect(try world.carrier.accepted() == Dictionary(uniqueKeysWithValues: Self.healthyOnes.map { ($0, 1) }))
            try await expectFate(of: other, in: trouble, world, reports)
            #expect(try await world.appliance.ledgerIsSound())
        }

        /// What the carrier in trouble has, it has once; what it has processed is reported once.
        private func expectFate(
            of other: SimulatedCarrier, in trouble: Trouble, _ world: World, _ earlier: [ReportEntry]
        ) async throws {
            var reports = earlier.filter { $0.mobile.hasPrefix("130") }
            if trouble == .garbage || trouble == .flapping {
                try await eventually("what the carrier has processed to be reported", within: .seconds(120)) {
                    reports += try world.customer.takeReports()
                    let accepted = try other.accepted().count
                    return accepted > 0 && reports.count >= accepted
                }
                #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
                #expect(Set(reports.map(\.mobile)) == Set(try other.accepted().keys))
                #expect(Set(reports.map(\.msgid)).count == reports.count)
            }
            let accepted = try other.accepted()
            #expect(accepted.values.allSatisfy { $0 == 1 })
            switch trouble {
            case .dead, .hung, .refusing: #expect(reports.isEmpty && accepted.isEmpty)
            case .slow: #expect(!accepted.isEmpty)
            case .garbage, .flapping: break
            }
        }

        /// What waits in memory goes out as it was taken, what waits on disk as it is there: its contents are changed
        /// in between.
        @Test func `a dead channel's backlog waits on disk, and leaves memory to another channel's messages`()
            async throws
        {
            let settings = ["YIZHAN_QUEUE_MESSAGES_IN_MEMORY_MAX": "2000"]
            let world = try await World.make(channel: ["--carriers", "mobile"], environment: settings)
            let other = try await world.addCarrier("other", channel: ["--carriers", "unicom"])
            other.process.signal(SIGTERM)
            _ = try await other.process.waitForExit()
            let backlog = Numbers.ordinary("130", 3000, from: 1000)
            for start in [0, 1000, 2000] {
                #expect(try world.customer.sendBatch(Array(backlog[start..<start + 1000]), "as taken").result == 0)
            }
            try sendToBoth(world)
            let reports = try await takeHealthyReports(world)
            #expect(Set(reports.map(\.mobile)) == Set(Self.healthyOnes))
            let change = "UPDATE submission SET content = 'from disk' WHERE content = 'as taken'"
            try await world.changeDatabase(change)
            let proxy = try RecordingProxy()
            let revived = try await SimulatedCarrier.start(
                ["--report-delay", "20ms"], name: "revived", in: world.directory)
            proxy.forward(to: revived.port)
            try await world.run("channel", "set", "other", "--url", "http://127.0.0.1:\(proxy.port)")
            try await world.waitUntilAllFinal()
            #expect(try revived.accepted().count == backlog.count + Self.troubledOnes.count)
            #expect(try revived.accepted().values.allSatisfy { $0 == 1 })
            #expect(proxy.count(of: "as%20taken") > 0)
            #expect(proxy.count(of: "from%20disk") > 0)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `messages of a dead channel go to the next one by priority and carrier`() async throws {
            let world = try await World.make(channel: ["--carriers", "mobile", "--priority", "5"])
            let dead = try await world.addCarrier("first", channel: ["--carriers", "mobile", "--priority", "10"])
            // Nearer by priority, and of another network.
            let elsewhere = try await world.addCarrier("unicom", channel: ["--carriers", "unicom", "--priority", "7"])
            dead.process.signal(SIGTERM)
            _ = try await dead.process.waitForExit()
            let numbers = Numbers.ordinary("138", 300)
            let batch = try world.customer.sendBatch(Array(numbers[..<250]))
            for number in numbers[250...] { #expect(try world.customer.sendSingle(number).result == 0) }
            let reports = try await world.customer.reports(300)
            #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
            #expect(Set(reports.map(\.mobile)) == Set(numbers))
            #expect(try world.carrier.accepted() == Dictionary(uniqueKeysWithValues: numbers.map { ($0, 1) }))
            #expect(try elsewhere.accepted().isEmpty)
            #expect(try await world.appliance.report("message", "show", String(batch.msgid)).string("channel") == "sim")
            #expect(try await world.segmentsCharged() == 300)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `what a carrier refuses for now goes out when it does not, once`() async throws {
            let world = try await World.make(carrier: ["--fail-rate", "0.5", "--lost-answer", "0.1", "--seed", "3"])
            let numbers = Numbers.ordinary("138", 100)
            for number in numbers { #expect(try world.customer.sendSingle(number).result == 0) }
            let reports = try await world.customer.reports(100, within: .seconds(90))
            #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
            #expect(try world.carrier.accepted() == Dictionary(uniqueKeysWithValues: numbers.map { ($0, 1) }))
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
