import Logging
public import Messaging
import Secrets
import Sheets
import Store

/// Does what takes longer than a request: imports, quotes, batches and exports. Tasks are rows of the database, so they
/// go on after a restart; a few run at once, and no account takes all places while another waits.
public actor TaskRunner {
    private let store: Store
    private let work: @Sendable ([String: any ExportMaker]) -> TaskWork
    private let clock: Clock
    private let logger: Logger
    private var makers: [String: any ExportMaker] = [:]
    private var running: [TaskID: Running] = [:]
    private let changed = AsyncEvent()
    private var isStopped = false

    /// Where tasks keep their files.
    public nonisolated let files: TaskFiles

    private struct Running {
        let task: TaskRecord
        let control: TaskControl
        let job: Task<Void, Never>
    }

    /// Tasks that run at once.
    static let runningMax = 2
    /// Tasks of one account, or of all operators, that wait or run.
    public static let openMax = 20
    /// How long tasks and their files are kept, in milliseconds.
    public static let lifetime: Int64 = 7 * 86_400_000
    /// Within this time, in milliseconds, a batch with the same texts and numbers is said before it is sent.
    public static let repetitionPeriod: Int64 = 86_400_000
    private static let candidatesMax = 200
    private static let noteInterval: Duration = .seconds(1)
    private static let sweepInterval: Duration = .seconds(600)

    init(
        store: Store, accounts: AccountStore, billing: Billing, configuration: EngineConfiguration, logger: Logger
    ) {
        let files = TaskFiles(folder: configuration.taskFolder)
        self.store = store
        self.files = files
        clock = configuration.clock
        self.logger = logger
        let (reading, clock) = (configuration.sheetReading, configuration.clock)
        work = { makers in
            TaskWork(
                files: files, store: store, accounts: accounts, reading: reading,
                sender: BatchSender(files: files, store: store, accounts: accounts, billing: billing), makers: makers,
                clock: clock)
        }
    }

    /// Has exports of tables of this name made by `maker`.
    public func register(_ maker: any ExportMaker, for table: String) {
        makers[table] = maker
        changed.signal(.more)
    }

    // MARK: Asking

    /// A new id.
    /// - Throws: `unavailable` when there is no randomness.
    public nonisolated func newID() throws(StoreFailure) -> TaskID {
        guard let bytes = try? SecureRandom.bytes(TaskID.digitCount / 2),
            let id = TaskID(rawValue: Hexadecimal.text(bytes))
        else { throw .unavailable("no random bytes") }
        return id
    }

    /// Adds an import whose file is there already (`TaskFiles.upload`).
    /// - Throws: `busy` when the account has too many tasks; what the store says.
    public func addImport(
        _ id: TaskID, _ parameters: ImportParameters, of account: AccountKey, user: String, fileName: String
    ) async throws(StoreFailure) {
        try await add(.import, id, TaskJSON.text(parameters), account, user, fileName)
    }

    /// Adds a quote.
    /// - Returns: its id, which is the batch's too.
    /// - Throws: `busy` when the account has too many tasks; what the store says.
    public func addQuote(
        _ parameters: BatchParameters, of account: AccountKey, user: String, fileName: String
    ) async throws(StoreFailure) -> TaskID {
        let id = try newID()
        try await add(.quote, id, TaskJSON.text(parameters), account, user, fileName)
        return id
    }

    /// Adds an export.
    /// - Parameters:
    ///   - account: whose records; nil: an operator's export.
    ///   - fileName: under which it will be downloaded.
    /// - Throws: `busy` when the account has too many tasks; what the store says.
    public func addExport(
        _ parameters: ExportParameters, of account: AccountKey?, user: String, fileName: String
    ) async throws(StoreFailure) -> TaskID {
        let id = try newID()
        try await add(.export, id, TaskJSON.text(parameters), account, user, fileName)
        return id
    }

    private func add(
        _ kind: TaskKind, _ id: TaskID, _ parameters: String, _ account: AccountKey?, _ user: String, _ name: String
    ) async throws(StoreFailure) {
        guard !files.folder.isEmpty else { throw .busy("tasks have no folder") }
        let now = clock.now()
        var task = TaskRecord(
            id: id, kind: kind, account: account, user: user, createdAt: now,
            expiresAt: now.adding(milliseconds: Self.lifetime), parameters: parameters)
        task.fileName = String(name.prefix(200))
        do throws(StoreFailure) {
            try await store.add(task, openMax: Self.openMax)
        } catch {
            files.remove([id])
            throw error
        }
        changed.signal(.more)
    }

    /// Reads an import again with another sheet or column.
    /// - Returns: false when it is none that is done or failed.
    /// - Throws: what the store says.
    public func reread(_ id: TaskID, _ parameters: ImportParameters) async throws(StoreFailure) -> Bool {
        guard let task = try await store.task(id), task.kind == .import else { return false }
        var change = TaskChange()
        change.state = .waiting
        change.parameters = TaskJSON.text(parameters)
        (change.done, change.error) = (0, "")
        let isChanged = try await store.change(id, in: [.done, .failed], change)
        changed.signal(.more)
        return isChanged
    }

    /// Sends what was priced, once: the id of a quote can be confirmed once only.
    /// - Returns: false when it is none that is done, or was confirmed before.
    /// - Throws: what the store says.
    public func confirm(_ id: TaskID) async throws(StoreFailure) -> Bool {
        let now = clock.now()
        let isConfirmed = try await store.confirmBatch(
            id, at: now, expiresAt: now.adding(milliseconds: Self.lifetime))
        changed.signal(.more)
        return isConfirmed
    }

    /// Ends a task that waits or runs; of a batch what is not submitted yet.
    /// - Returns: false when it is over already.
    /// - Throws: what the store says.
    public func cancel(_ id: TaskID) async throws(StoreFailure) -> Bool {
        if let current = running[id] {
            current.control.cancel()
            await current.job.value
            return try await store.task(id)?.state == .cancelled
        }
        var change = TaskChange()
        change.state = .cancelled
        return try await store.change(id, in: [.waiting], change)
    }

    /// A task, with what is done of it at this moment; nil: there is none.
    /// - Throws: what the store says.
    public func task(_ id: TaskID) async throws(StoreFailure) -> TaskRecord? {
        guard var task = try await store.task(id) else { return nil }
        addProgress(to: &task)
        return task
    }

    /// Tasks of some accounts, the newest first; nil: those of operators.
    /// - Throws: what the store says.
    public func tasks(
        of accounts: [AccountKey]?, kinds: Set<TaskKind>, before: Timestamp? = nil, limit: Int
    ) async throws(StoreFailure) -> [TaskRecord] {
        var tasks = try await store.tasks(of: accounts, kinds: kinds, before: before, limit: limit)
        for index in tasks.indices { addProgress(to: &tasks[index]) }
        return tasks
    }

    private func addProgress(to task: inout TaskRecord) {
        guard let change = running[task.id]?.control.change else { return }
        task.done = change.done ?? task.done
        task.total = change.total ?? task.total
    }

    /// How far the messages of a batch are.
    /// - Throws: what the store says.
    public nonisolated func progress(of batch: TaskRecord) async throws(StoreFailure) -> BatchProgress {
        guard let account = batch.account else { return BatchProgress() }
        return try await store.batchProgress(of: account, keyPrefix: BatchSender.keyPrefix(batch.id))
    }

    // MARK: Working

    /// Works until its task is cancelled.
    func run() async {
        guard !files.folder.isEmpty else { return }
        do throws(SheetFailure) {
            try files.prepare()
        } catch {
            logger.error("the folder of tasks cannot be made", metadata: ["path": "\(files.folder)"])
            return
        }
        let sweeping = Task { await sweepAgain() }
        while !Task.isCancelled, !isStopped {
            // Taken before the look at what waits: what comes meanwhile is seen in the next turn.
            _ = changed.take()
            await begin()
            await changed.wait(atMost: 5_000)
        }
        sweeping.cancel()
        await sweeping.value
    }

    /// Lets tasks that run end at their next step, for as long as `grace`; they go on after the next start.
    func stop(grace: Duration) async {
        isStopped = true
        changed.signal(.more)
        for current in running.values { current.control.stop() }
        let deadline = ContinuousClock.now + grace
        while !running.isEmpty, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    private func begin() async {
        guard running.count < Self.runningMax, !isStopped else { return }
        guard let candidates = try? await store.openTasks(limit: Self.candidatesMax) else { return }
        var waiting = candidates.filter { running[$0.id] == nil && isReady($0) }
        while running.count < Self.runningMax, !isStopped, !waiting.isEmpty {
            // An account that has none running comes before one that has.
            let busy = Set(running.values.map(\.task.account))
            let index = waiting.firstIndex { !busy.contains($0.account) } ?? 0
            start(waiting.remove(at: index))
        }
    }

    /// An export waits for its maker, which is registered after the start.
    private func isReady(_ task: TaskRecord) -> Bool {
        guard task.kind == .export, let table = task.exportParameters?.table else { return true }
        return makers[table] != nil
    }

    private func start(_ task: TaskRecord) {
        let control = TaskControl(task)
        let work = work(makers)
        let job = Task { await carryOut(task, work, control) }
        running[task.id] = Running(task: task, control: control, job: job)
    }

    private func carryOut(_ task: TaskRecord, _ work: TaskWork, _ control: TaskControl) async {
        var change = TaskChange()
        change.state = .running
        // Read again: what was seen as a quote may be a batch by now.
        guard (try? await store.change(task.id, in: [.waiting, .running], change)) == true,
            let task = try? await store.task(task.id)
        else { return finished(task.id) }
        let notes = Task { [store] in
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.noteInterval)
                if Task.isCancelled { return }
                _ = try? await store.change(task.id, in: [.running], control.change)
            }
        }
        let final: TaskChange?
        do throws(TaskFailure) {
            let outcome = try await work.run(task, control)
            var change = control.change
            (change.state, change.result, change.error) = (.done, outcome.result, "")
            (change.fileName, change.fingerprint) = (outcome.fileName, outcome.fingerprint)
            if let total = change.total, total > 0 { change.done = total }
            final = change
        } catch {
            final = Self.change(error, control)
        }
        notes.cancel()
        await notes.value
        if let final {
            await conclude(task, final)
        } else {
            _ = try? await store.change(task.id, in: [.running], control.change)
        }
        finished(task.id)
    }

    private static func change(_ failure: TaskFailure, _ control: TaskControl) -> TaskChange? {
        var change = control.change
        switch failure {
        case .stopping: return nil
        case .cancelled: change.state = .cancelled
        case .failed(let code): (change.state, change.error) = (.failed, code)
        }
        return change
    }

    /// A disk that does not take the end of a task is asked again: it would be done once more after a restart.
    private func conclude(_ task: TaskRecord, _ change: TaskChange) async {
        for attempt in 0..<60 {
            do throws(StoreFailure) {
                try await store.change(task.id, in: [.running], change)
                return
            } catch {
                guard error.isOfDisk, !isStopped else { break }
                if attempt == 0 { logger.warning("a task's end cannot be stored", metadata: ["task": "\(task.kind)"]) }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func finished(_ id: TaskID) {
        running[id] = nil
        changed.signal(.more)
    }

    // MARK: Deleting

    private func sweepAgain() async {
        await removeOrphans()
        while !Task.isCancelled {
            await sweep()
            try? await Task.sleep(for: Self.sweepInterval)
        }
    }

    /// Deletes tasks whose time is over, and their files.
    func sweep() async {
        while let ids = try? await store.expiredTasks(at: clock.now(), limit: 100), !ids.isEmpty {
            files.remove(Set(ids))
            guard (try? await store.removeTasks(ids)) != nil else { return }
        }
    }

    /// Files whose task was never added, because the process ended in between.
    private func removeOrphans() async {
        for id in files.owners() {
            do throws(StoreFailure) {
                if try await store.task(id) == nil { files.remove([id]) }
            } catch {
                return
            }
        }
    }
}
