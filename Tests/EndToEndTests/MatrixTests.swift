import Foundation
import Testing

extension EndToEnd {
    /// One appliance between customers and carriers of every dialect: each pair of them carries a handful of messages.
    @Suite struct MatrixTests {
        /// The customers, by dialect; the two modes of 000 count once, and the other of them is among the carriers.
        private static let customers = WireDialect.served.filter { $0 != .enterpriseOAuth2 }
        private static let carriers = WireDialect.served.filter { $0 != .enterpriseJSON }
        /// Three segments.
        private static let long = String(repeating: "五种接口", count: 36)
        private static let number = "10690012122"
        /// Of each pair: two long messages, one of which fails, and two short ones, one of which is replied to.
        private static let endings = (plain: "8123", failing: "0001", short: "8124", replying: "0008")
        private static let messages = 4
        private static let segments = 3 + 3 + 1 + 1

        /// A number that goes to a carrier, and that only this customer sends to.
        private static func mobile(_ customer: Int, _ carrier: Int, _ ending: String) -> String {
            "138\(carrier)\(customer)00\(ending)"
        }

        private struct Carriers {
            var simulators: [SimulatedCarrier] = []
            /// In front of them.
            var proxies: [RecordingProxy] = []
        }

        /// A carrier a dialect: one that speaks several hands each report to whichever asks first.
        private static func addCarriers(to appliance: Appliance) async throws -> Carriers {
            var all = Carriers()
            for (place, dialect) in carriers.enumerated() {
                // Behind a proxy, since a carrier that pushes must know where to before it listens.
                let proxy = try RecordingProxy()
                let name = dialect.rawValue
                let access = CarrierAccess.simulator(port: proxy.port)
                try await appliance.run(
                    ["channel", "add", name, "--number", number] + dialect.channelArguments(access))
                try await appliance.run(["route", "add", name, "--channel", name, "--prefix", "138\(place)"])
                var arguments = ["--report-delay", "20ms", "--dialect", name]
                if dialect.isPushed {
                    let path = try await appliance.report("channel", "show", name).string("callback_path")
                    let target = "http://127.0.0.1:\(appliance.callbackPort)\(path)"
                    arguments += ["--push", target, "--push-dialect", name]
                }
                let simulator = try await SimulatedCarrier.start(arguments, in: try TemporaryDirectory())
                proxy.forward(to: simulator.port)
                all.simulators.append(simulator)
                all.proxies.append(proxy)
            }
            return all
        }

        private static func send(_ customer: ChainCustomer, _ row: Int) async throws {
            for column in carriers.indices {
                try await customer.send(
                    long, to: [mobile(row, column, endings.plain), mobile(row, column, endings.failing)])
                try await customer.send(
                    "短信", to: [mobile(row, column, endings.short), mobile(row, column, endings.replying)])
            }
        }

        /// A row of the table: for each carrier what the customer got to know, which is right or not.
        private static func cells(_ outcome: ChainCustomer.Outcome, _ row: Int) -> [Cell] {
            carriers.indices.map { column in
                func place(_ ending: String) -> String { mobile(row, column, ending) }
                let prefix = place("")
                let delivered = outcome.delivered.filter { $0.hasPrefix(prefix) }
                let failed = outcome.failed.filter { $0.hasPrefix(prefix) }
                let replied = outcome.replied.filter { $0.hasPrefix(prefix) }
                let isRight =
                    delivered.sorted() == [place(endings.replying), place(endings.plain), place(endings.short)]
                    && failed == [place(endings.failing)] && replied == [place(endings.replying)]
                return Cell(text: "\(delivered.count)+\(failed.count) \(replied.count)", isRight: isRight)
            }
        }

        private struct Cell {
            var text: String
            var isRight: Bool
        }

        private static func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }

        /// The table, a line a customer, as `packaging/test` repeats it.
        private static func table(_ rows: [[Cell]]) -> String {
            let widths = carriers.map { max($0.rawValue.count, 9) + 2 }
            let head =
                padded("customer \\ carrier", 20) + zip(carriers, widths).map { padded($0.rawValue, $1) }.joined()
            let lines = zip(customers, rows).map { customer, cells in
                padded(customer.rawValue, 20)
                    + zip(cells, widths).map { padded(($0.isRight ? "" : "!") + $0.text, $1) }.joined()
            }
            let title =
                "pairs of dialects: messages delivered + failed, replies; \(rows.joined().count { $0.isRight }) of "
                + "\(customers.count * carriers.count) right"
            return ([title, head] + lines).joined(separator: "\n") + "\n"
        }

        @Test func `every dialect of customers with every dialect of carriers`() async throws {
            let appliance = try await Appliance.start(in: try TemporaryDirectory())
            let simulated = try await Self.addCarriers(to: appliance)
            var all: [ChainCustomer] = []
            for (row, dialect) in Self.customers.enumerated() {
                all.append(
                    try await ChainCustomer.make(dialect, account: "PAIR\(row)", extension: "5\(row)", on: appliance))
            }
            for (row, customer) in all.enumerated() { try await Self.send(customer, row) }
            let columns = Self.carriers.count
            var rows: [[Cell]] = []
            for (row, customer) in all.enumerated() {
                do {
                    let outcome = try await customer.outcome(
                        messages: Self.messages * columns, segments: Self.segments * columns, replies: columns)
                    rows.append(Self.cells(outcome, row))
                } catch {
                    Issue.record(error, "\(customer.dialect)")
                    rows.append(Self.carriers.map { _ in Cell(text: "no", isRight: false) })
                }
            }
            let table = Self.table(rows)
            print(table)
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
            try Data(table.utf8).write(to: root.appending(path: ".build/chain-matrix.txt"))
            #expect(rows.joined().allSatisfy { $0.isRight })
            try await checkCounts(appliance, simulated.simulators)
        }

        private func checkCounts(_ appliance: Appliance, _ simulators: [SimulatedCarrier]) async throws {
            let pairs = Self.customers.count * Self.carriers.count
            let counters = try await appliance.report("status").object("since_start")
            #expect(try counters.integer("accepted_messages") == Self.messages * pairs)
            #expect(try counters.integer("accepted_segments") == Self.segments * pairs)
            #expect(try counters.integer("delivered_messages") == 3 * pairs)
            #expect(try counters.integer("failed_messages") == pairs)
            #expect(try counters.integer("replies_stored") == pairs)
            for dialect in Self.carriers {
                let today = try await appliance.report("channel", "show", dialect.rawValue).object("today")
                #expect(try today.integer("messages") == Self.messages * Self.customers.count)
            }
            var received: [String: Int] = [:]
            for simulator in simulators { received.merge(try simulator.received()) { $0 + $1 } }
            #expect(received.count == Self.messages * pairs)
            #expect(received.values.allSatisfy { $0 == 1 })
            for row in Self.customers.indices {
                let spent = Self.segments * Self.carriers.count * World.price
                #expect(try await appliance.balance(of: "PAIR\(row)") == World.opening - spent)
            }
            #expect(try await appliance.ledgerIsSound())
        }
    }
}
