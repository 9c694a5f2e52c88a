import AdminProtocol

/// One run: load on the customers' side, the appliance's counters beside it, and the wait for the last final report.
struct BenchRun {
    let plan: LoadPlan
    let drainTimeout: Duration

    private static let pauseUnderLoad = Duration.milliseconds(200)
    private static let pauseInDrain = Duration.milliseconds(20)

    /// - Parameter client: nil to look at the replies alone.
    /// - Throws: `AdminClientError`, `LoadGenerator.Unreachable` or `CancellationError`.
    func run(_ client: AdminClient?) async throws -> BenchReport {
        guard let client else { return BenchReport(plan: plan, load: try await LoadGenerator(plan: plan).run()) }
        var sampler = ProcessSampler(client: client)
        let before = try sampler.take()
        let load = try await generate(&sampler)
        let (after, drained) = try await drain(&sampler, since: before)
        var report = BenchReport(plan: plan, load: load)
        report.appliance = BenchReport.ApplianceSide(
            accepted: after.accepted - before.accepted, final: after.final - before.final,
            endToEndSeconds: Double(after.at - load.startedAt) / 1e9,
            finalPerSecondUnderLoad: sampler.finalRate(from: load.windowStart, to: load.windowEnd) ?? 0,
            drained: drained, residentPeak: sampler.residentPeak, residentAtEnd: after.residentBytes)
        return report
    }

    private func generate(_ sampler: inout ProcessSampler) async throws -> LoadResult {
        let generator = LoadGenerator(plan: plan)
        let ticks = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        async let result: LoadResult = {
            defer { ticks.continuation.finish() }
            return try await generator.run()
        }()
        async let ticking: Void = {
            while (try? await Task.sleep(for: Self.pauseUnderLoad)) != nil {
                if case .terminated = ticks.continuation.yield() { return }
            }
        }()
        for await _ in ticks.stream { try sampler.take() }
        let load = try await result
        await ticking
        return load
    }

    /// Waits until all that was accepted is final, and keeps the sample that found it so.
    private func drain(
        _ sampler: inout ProcessSampler, since before: ProcessSampler.Sample
    ) async throws -> (last: ProcessSampler.Sample, drained: Bool) {
        let deadline = ContinuousClock.now + drainTimeout
        while true {
            let sample = try sampler.take()
            if sample.final - before.final >= sample.accepted - before.accepted { return (sample, true) }
            if ContinuousClock.now >= deadline { return (sample, false) }
            try await Task.sleep(for: Self.pauseInDrain)
        }
    }
}
