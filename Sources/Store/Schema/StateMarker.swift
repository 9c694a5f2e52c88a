import Glibc
import Messaging
import Synchronization

/// The marker file of an open database. It is written at the start, at an orderly end, and each time the numbers that
/// were reserved are used up; each time durable before it returns.
final class StateMarker: Sendable {
    static let fileName = "yizhan.marker"
    /// How many numbers of each kind are reserved at once: at full speed the marker is written once in some forty
    /// seconds, and a loss skips so many.
    static let step: Int64 = 1_000_000

    private let folder: String
    private let content: Mutex<MarkerContent>

    /// Writes the marker of a database that was just opened.
    /// - Parameter given: what is durable in the database.
    /// - Throws: `unavailable`.
    init(folder: String, generation: Int64, given: MarkerContent.Numbers) throws {
        self.folder = folder
        let first = MarkerContent(
            generation: generation, condition: .running, given: given, reserved: given.advanced(by: Self.step))
        try Self.write(first, in: folder)
        content = Mutex(first)
    }

    var reserved: MarkerContent.Numbers { content.withLock { $0.reserved } }

    /// Reserves more.
    /// - Parameters:
    ///   - needed: what the transaction under way is about to give out.
    ///   - given: what is durable in the database.
    /// - Returns: what is reserved now.
    /// - Throws: `unavailable`; then no more may be given out than was reserved before.
    func reserve(for needed: MarkerContent.Numbers, given: MarkerContent.Numbers) throws -> MarkerContent.Numbers {
        try update { content in
            content.given = given
            content.reserved = content.reserved.past(needed.advanced(by: Self.step))
        }.reserved
    }

    /// At an orderly end: everything is in the one file.
    /// - Throws: `unavailable`.
    func close(given: MarkerContent.Numbers) throws {
        _ = try update { content in
            if content.condition == .running { content.condition = .clean }
            content.given = given
            content.reserved = given
        }
    }

    /// The next start looks at the whole file. On a disk that takes no writes this is not noted.
    func noteDamage() { _ = try? update { $0.condition = .damaged } }

    private func update(_ change: (inout MarkerContent) -> Void) throws -> MarkerContent {
        try content.withLock { content in
            var changed = content
            change(&changed)
            try Self.write(changed, in: folder)
            content = changed
            return changed
        }
    }

    // MARK: The file

    /// A file that is there and cannot be understood.
    struct Unreadable: Error {}

    private static let bytesMax = 4096

    /// Nil when there is none.
    /// - Throws: `Unreadable`; `unavailable`.
    static func read(in folder: String) throws -> MarkerContent? {
        let path = folder + "/" + fileName
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw unavailable("\(path) cannot be read") }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw unavailable("\(path) cannot be read") }
        guard let content = MarkerContent(text: String(decoding: bytes[..<count], as: UTF8.self)) else {
            throw Unreadable()
        }
        return content
    }

    /// Aside first, then renamed: what is under its name is always whole.
    private static func write(_ content: MarkerContent, in folder: String) throws {
        let path = folder + "/" + fileName
        let aside = path + ".new"
        let bytes = Array(content.text.utf8)
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unavailable("\(aside) cannot be made") }
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        Glibc.close(descriptor)
        guard isWritten else { throw unavailable("\(aside) cannot be written", code) }
        guard rename(aside, path) == 0 else { throw unavailable("\(aside) cannot be renamed") }
        try DatabaseFile.syncDirectory(folder)
    }

    private static func unavailable(_ what: String, _ code: Int32 = errno) -> StoreFailure {
        .unavailable("\(what): \(String(cString: strerror(code)))")
    }
}
