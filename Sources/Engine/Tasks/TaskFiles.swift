import Dispatch
import Glibc
public import Messaging
public import Sheets

/// The files of tasks, in a folder that the service alone can read. Their names begin with the task's id.
public struct TaskFiles: Sendable {
    /// The folder; empty: there are no tasks.
    let folder: String
    /// Readers and writers block their threads, so they have their own.
    private static let queue = DispatchQueue(label: "yizhan.tasks", attributes: .concurrent)

    init(folder: String) {
        self.folder = folder
    }

    /// Where an uploaded file, or typed numbers, go before their import is added.
    public func upload(_ id: TaskID) -> String { folder + "/\(id).upload" }
    /// The rows and recipients of an import, a quote or a batch.
    public func recipients(_ id: TaskID) -> RecipientImport { RecipientImport(path: folder + "/\(id)") }
    /// What an export wrote.
    public func export(_ id: TaskID, _ format: SheetFormat) -> String { folder + "/\(id).\(format.rawValue)" }
    /// Where writers put their temporary files.
    public var temporaryFolder: String { folder }

    /// Makes the folder.
    /// - Throws: `unavailable`.
    func prepare() throws(SheetFailure) {
        guard !folder.isEmpty, mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .unavailable }
    }

    /// Keeps an uploaded file.
    /// - Throws: `tooLarge`, `unavailable`.
    public func keep(upload bytes: UnsafeRawBufferPointer, of id: TaskID) throws(SheetFailure) {
        if bytes.count > SheetBounds.fileBytesMax { throw .tooLarge }
        let descriptor = open(upload(id), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unavailable }
        defer { close(descriptor) }
        var place = 0
        while place < bytes.count {
            let written = write(descriptor, bytes.baseAddress.map { $0 + place }, bytes.count - place)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .unavailable }
            place += written
        }
        guard fsync(descriptor) == 0 else { throw .unavailable }
    }

    /// Keeps bytes as if they were uploaded.
    /// - Throws: `tooLarge`, `unavailable`.
    public func keep(upload bytes: [UInt8], of id: TaskID) throws(SheetFailure) {
        let kept: Result<Void, SheetFailure> = bytes.withUnsafeBytes { raw in
            do throws(SheetFailure) {
                return .success(try keep(upload: raw, of: id))
            } catch {
                return .failure(error)
            }
        }
        try kept.get()
    }

    /// The text of typed numbers.
    func typed(_ id: TaskID) throws(SheetFailure) -> String {
        let descriptor = open(upload(id), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .unavailable }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= SheetBounds.fileBytesMax {
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unavailable }
            if got == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<got]
        }
        throw .tooLarge
    }

    /// Gives a file of rows a second name, so that it lives as long as the task that needs it.
    func shareRows(of source: TaskID, with target: TaskID) throws(SheetFailure) {
        let (from, to) = (folder + "/\(source).rows", folder + "/\(target).rows")
        unlink(to)
        guard link(from, to) == 0 else { throw .unavailable }
    }

    func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    func rename(_ from: String, _ to: String) throws(SheetFailure) {
        guard Glibc.rename(from, to) == 0 else { throw .unavailable }
    }

    /// Deletes all files of these tasks.
    func remove(_ ids: Set<TaskID>) {
        for name in names() {
            if let id = TaskID(rawValue: String(name.prefix(TaskID.digitCount))), ids.contains(id) {
                unlink(folder + "/" + name)
            }
        }
    }

    /// Tasks that there are files of, as long as those are older than an hour.
    func owners() -> Set<TaskID> {
        var owners: Set<TaskID> = []
        for name in names() {
            var status = stat()
            guard let id = TaskID(rawValue: String(name.prefix(TaskID.digitCount))),
                stat(folder + "/" + name, &status) == 0, status.st_mtim.tv_sec < time(nil) - 3_600
            else { continue }
            owners.insert(id)
        }
        return owners
    }

    private func names() -> [String] {
        guard !folder.isEmpty, let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// Runs blocking work off the threads of the others.
    func blocking<Value: Sendable>(
        _ work: @escaping @Sendable () throws(SheetFailure) -> Value
    ) async throws(SheetFailure) -> Value {
        let result: Result<Value, SheetFailure> = await withCheckedContinuation { continuation in
            Self.queue.async {
                do throws(SheetFailure) {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
