/// What a run of the benchmark found, for people and for programs.
struct BenchReport {
    var plan: LoadPlan
    var load: LoadResult
    /// Messages that the appliance counted as accepted and as final since the run began.
    var applianceAccepted: UInt64
    var applianceFinal: UInt64
    /// From the first request to the sample that found all final, or to the last one.
    var endToEndSeconds: Double
    /// Messages that became final per second while the measured load ran.
    var finalPerSecondUnderLoad: Double
    var drained: Bool
    var residentPeak: UInt64
    var residentAtEnd: UInt64

    var acceptedPerSecond: Double { Double(load.window.acceptedMessages) / load.windowSeconds }
    var requestsPerSecond: Double { Double(load.window.requests) / load.windowSeconds }
    var endToEndPerSecond: Double { endToEndSeconds > 0 ? Double(applianceFinal) / endToEndSeconds : 0 }

    private func latency(_ permille: UInt64) -> UInt64 { load.window.latency.percentile(permille: permille) }

    private var sortedErrors: [(String, Int)] {
        load.all.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    var json: JSONText {
        .object([
            ("mode", .string(plan.mode.rawValue)),
            ("batch_size", .integer(plan.batchSize)),
            ("concurrency", .integer(plan.connections)),
            ("measured_ms", .integer(Int64(load.windowSeconds * 1000))),
            ("accepted_per_second", .integer(Int64(acceptedPerSecond))),
            ("requests_per_second", .integer(Int64(requestsPerSecond))),
            ("end_to_end_per_second", .integer(Int64(endToEndPerSecond))),
            ("final_per_second_under_load", .integer(Int64(finalPerSecondUnderLoad))),
            ("latency_p50_us", .integer(latency(500))),
            ("latency_p99_us", .integer(latency(990))),
            ("latency_p999_us", .integer(latency(999))),
            ("latency_max_us", .integer(load.window.latency.highest)),
            ("accepted_messages", .integer(load.all.acceptedMessages)),
            ("appliance_accepted_messages", .integer(applianceAccepted)),
            ("appliance_final_messages", .integer(applianceFinal)),
            ("end_to_end_ms", .integer(Int64(endToEndSeconds * 1000))),
            ("drained", .bool(drained)),
            ("unanswered_requests", .integer(load.unanswered)),
            ("errors", .object(sortedErrors.map { ($0, .integer($1)) })),
            ("rss_peak_bytes", .integer(residentPeak)),
            ("rss_end_bytes", .integer(residentAtEnd)),
        ])
    }

    var text: String {
        let request = plan.mode == .single ? "single_send" : "batch_send of \(plan.batchSize)"
        let waiting = applianceAccepted - min(applianceAccepted, applianceFinal)
        var errors = sortedErrors.map { "\($0) × \($1)" }
        if load.unanswered > 0 { errors.append("unanswered × \(load.unanswered)") }
        return TextTable.pairs([
            ("load", "\(request), \(plan.connections) connections, \(Self.seconds(load.windowSeconds)) measured"),
            (
                "accepted",
                "\(Self.grouped(acceptedPerSecond)) messages/s, \(Self.grouped(requestsPerSecond)) requests/s; "
                    + "\(Self.grouped(Double(load.all.acceptedMessages))) messages in all"
            ),
            (
                "end to end",
                "\(Self.grouped(endToEndPerSecond)) messages/s from the first request to the last final report "
                    + "(\(Self.seconds(endToEndSeconds))); \(Self.grouped(finalPerSecondUnderLoad)) under load"
            ),
            (
                "final",
                "\(Self.grouped(Double(applianceFinal))) of \(Self.grouped(Double(applianceAccepted)))"
                    + (drained ? "" : ", \(Self.grouped(Double(waiting))) still wait")
            ),
            (
                "accept latency",
                "p50 \(Self.milliseconds(latency(500))), p99 \(Self.milliseconds(latency(990))), "
                    + "p99.9 \(Self.milliseconds(latency(999))), max \(Self.milliseconds(load.window.latency.highest))"
            ),
            ("errors", errors.isEmpty ? "none" : errors.joined(separator: ", ")),
            ("memory", "\(Self.megabytes(residentPeak)) resident at most, \(Self.megabytes(residentAtEnd)) at the end"),
        ])
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
