import Messaging

extension Journal {
    /// As `perform`, for a requester that waits no longer than `limit`: while a disk hangs, nobody hangs with it.
    ///
    /// What has not begun by then is not done. What was done in a transaction that takes longer is taken back by `undo`
    /// in the next one, before anything else: nobody was told of it.
    /// - Parameter limit: nil: as long as it takes.
    /// - Throws: `busy` when the limit has passed.
    func perform<R: Sendable>(
        within limit: Duration?, _ work: @escaping @Sendable (Writer) throws -> R,
        undo: @escaping @Sendable (Writer, R) throws -> Void = { _, _ in }
    ) async throws(StoreFailure) -> R {
        guard let limit else { return try await perform(work) }
        let result = await withCheckedContinuation { continuation in
            let call = PatientCall<R>(continuation)
            let ticket = patience.add(within: limit) {
                call.giveUp(.busy("the disk has not answered within \(limit)"))
            }
            append(
                Entry(
                    work: { writer in
                        guard call.isWanted else { return }
                        call.note(try work(writer))
                    },
                    finish: { [self] failure in
                        patience.remove(ticket)
                        guard let done = call.finish(failure) else { return }
                        prepend(Entry(work: { try undo($0, done) }, finish: { _ in }))
                    }))
        }
        return try result.get()
    }
}
