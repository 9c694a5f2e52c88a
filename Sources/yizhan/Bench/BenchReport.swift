/// What a run of the benchmark found, for people and for programs.
struct BenchReport {
    var plan: LoadPlan
    var load: LoadResult
    /// Nil when only replies were looked at.
    var appliance: ApplianceSide?

    /// What the appliance's own counters say.
    struct ApplianceSide {
        /// Messages that it counted as accepted and as final since the run began.
        var accepted: UInt64
        var final: UInt64
        /// From the first request to the sample that found all final, or to the last one.
        var endToEndSeconds: Double
        /// Messages that became final per second while the measured load ran.
        var finalPerSecondUnderLoad: Double
        var drained: Bool
        var residentPeak: UInt64
        var residentAtEnd: UInt64

        var endToEndPerSecond: Double { endToEndSeconds > 0 ? Double(final) / endToEndSeconds : 0 }
    }

    var acceptedPerSecond: Double { Double(load.window.acceptedMessages) / load.windowSeconds }
    var requestsPerSecond: Double { Double(load.window.requests) / load.windowSeconds }
    private var refused: LatencyHistogram { load.window.refusalLatency }

    private var sortedErrors: [(String, Int)] {
        load.all.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("mode", .string(plan.mode.rawValue)),
            ("batch_size", .integer(plan.batchSize)),
            ("concurrency", .integer(plan.connections)),
            ("rate", plan.rate.map { .integer($0) } ?? .null),
            ("measured_ms", .integer(Int64(load.windowSeconds * 1000))),
            ("accepted_per_second", .integer(Int64(acceptedPerSecond))),
            ("requests_per_second", .integer(Int64(requestsPerSecond))),
        ]
        members += Self.latencies(load.window.latency, prefix: "latency")
        members += Self.latencies(refused, prefix: "refusal_latency")
        members += [
            ("refused_requests", .integer(refused.total)),
            ("answered_requests", .integer(load.all.requests)),
            ("accepted_messages", .integer(load.all.acceptedMessages)),
            ("unanswered_requests", .integer(load.unanswered)),
            ("unsent_requests", .integer(load.unsent)),
            ("ended_ms_ago", .integer((LoadLane.now() - load.windowEnd) / 1_000_000)),
            ("errors", .object(sortedErrors.map { ($0, .integer($1)) })),
        ]
        guard let appliance else { return .object(members) }
        return .object(
            members + [
                ("end_to_end_per_second", .integer(Int64(appliance.endToEndPerSecond))),
                ("final_per_second_under_load", .integer(Int64(appliance.finalPerSecondUnderLoad))),
                ("appliance_accepted_messages", .integer(appliance.accepted)),
                ("appliance_final_messages", .integer(appliance.final)),
                ("end_to_end_ms", .integer(Int64(appliance.endToEndSeconds * 1000))),
                ("drained", .bool(appliance.drained)),
                ("rss_peak_bytes", .integer(appliance.residentPeak)),
                ("rss_end_bytes", .integer(appliance.residentAtEnd)),
            ])
    }

    private static func latencies(_ histogram: LatencyHistogram, prefix: String) -> [(String, JSONText)] {
        [
            (prefix + "_p50_us", .integer(histogram.percentile(permille: 500))),
            (prefix + "_p99_us", .integer(histogram.percentile(permille: 990))),
            (prefix + "_p999_us", .integer(histogram.percentile(permille: 999))),
            (prefix + "_max_us", .integer(histogram.highest)),
        ]
    }

    var text: String {
        let request = plan.mode == .single ? "single_send" : "batch_send of \(plan.batchSize)"
        let pace = plan.rate.map { ", \(Self.grouped(Double($0))) messages/s offered" } ?? ""
        var errors = sortedErrors.map { "\($0) × \($1)" }
        if load.unanswered > 0 { errors.append("unanswered × \(load.unanswered)") }
        if load.unsent > 0 { errors.append("due but not sent × \(load.unsent)") }
        var rows = [
            (
                "load",
                "\(request), \(plan.connections) connections\(pace), \(Self.seconds(load.windowSeconds)) measured"
            ),
            (
                "accepted",
                "\(Self.grouped(acceptedPerSecond)) messages/s, \(Self.grouped(requestsPerSecond)) requests/s; "
                    + "\(Self.grouped(Double(load.all.acceptedMessages))) messages in all"
            ),
        ]
        rows += appliance.map { flow($0) } ?? []
        rows.append(("accept latency", Self.text(load.window.latency)))
        if refused.total > 0 {
            rows.append(("refused", "\(Self.grouped(Double(refused.total))) requests: \(Self.text(refused))"))
        }
        rows.append(("errors", errors.isEmpty ? "none" : errors.joined(separator: ", ")))
        if let appliance {
            let (peak, end) = (Self.megabytes(appliance.residentPeak), Self.megabytes(appliance.residentAtEnd))
            rows.append(("memory", "\(peak) resident at most, \(end) at the end"))
        }
        return TextTable.pairs(rows)
    }

    private func flow(_ appliance: ApplianceSide) -> [(String, String)] {
        let waiting = appliance.accepted - min(appliance.accepted, appliance.final)
        return [
            (
                "end to end",
                "\(Self.grouped(appliance.endToEndPerSecond)) messages/s from the first request to the last final "
                    + "report (\(Self.seconds(appliance.endToEndSeconds))); "
                    + "\(Self.grouped(appliance.finalPerSecondUnderLoad)) under load"
            ),
            (
                "final",
                "\(Self.grouped(Double(appliance.final))) of \(Self.grouped(Double(appliance.accepted)))"
                    + (appliance.drained ? "" : ", \(Self.grouped(Double(waiting))) still wait")
            ),
        ]
    }

    private static func text(_ histogram: LatencyHistogram) -> String {
        func shown(_ permille: UInt64) -> String { milliseconds(histogram.percentile(permille: permille)) }
        return "p50 \(shown(500)), p99 \(shown(990)), p99.9 \(shown(999)), max \(milliseconds(histogram.highest))"
    }

    private static func grouped(_ value: Double) -> String {
        var text = ""
        for (place, digit) in String(Int64(value)).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private static func decimal(tenths: UInt64) -> String { "\(tenths / 10).\(tenths % 10)" }
    private static func seconds(_ value: Double) -> String { decimal(tenths: UInt64(value * 10)) + " s" }
    private static func megabytes(_ bytes: UInt64) -> String { "\(bytes >> 20) MB" }

    private static func milliseconds(_ microseconds: UInt64) -> String {
        let rest = String(microseconds % 1000 / 10)
        return "\(microseconds / 1000).\(rest.count < 2 ? "0" : "")\(rest) ms"
    }
}
