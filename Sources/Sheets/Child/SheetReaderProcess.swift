import CSheets
import Glibc

/// How a file is read: in a process of its own, or, in tests, in this one.
public protocol SheetReading: Sendable {
    /// Reads one sheet of the file and reports what is in it. Blocks the thread until it is read.
    /// - Parameter sheet: the name of the sheet; nil for the first visible one that has content.
    /// - Throws: why it cannot be read, or what `body` throws.
    func read(path: String, sheet: String?, _ body: @escaping SheetEventHandler) throws(SheetFailure)
}

/// Starts a program that reads its standard input (`SheetSandbox.readStandardInput`), and takes its frames. A file
/// that makes the libraries fail ends that process and not this one.
public struct SheetReaderProcess: SheetReading {
    private let program: String
    private let arguments: [String]
    private let deadline: Duration

    /// - Parameters:
    ///   - program: its path; nil for the one that runs.
    ///   - arguments: after the program's name; the sheet's name is put behind them.
    ///   - deadline: for the whole of the reading.
    public init(
        program: String? = nil, arguments: [String] = ["sheet-read"], deadline: Duration = .seconds(120)
    ) {
        self.program = program ?? "/proc/self/exe"
        self.arguments = arguments
        self.deadline = deadline
    }

    /// Reads one sheet of the file, in a process of its own.
    /// - Throws: why it cannot be read, or what `body` throws.
    public func read(path: String, sheet: String?, _ body: @escaping SheetEventHandler) throws(SheetFailure) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw .unavailable }
        defer { close(file) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .unavailable }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do throws(SheetFailure) {
            child = try spawn(input: file, output: ends[1], arguments + (sheet.map { [$0] } ?? []))
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        let end = take(from: ends[0], body)
        var status: Int32 = 0
        if case .silence = end, Self.waits(for: child, &status) { throw Self.cause(status) }
        // What it still does is of no use.
        kill(child, SIGKILL)
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        switch end {
        case .whole: return
        case .silence: throw .readerCrashed
        case .failure(let failure): throw failure
        }
    }

    /// How the reading of the process's output ended.
    private enum End {
        /// The last event came.
        case whole
        /// It closed its output before.
        case silence
        case failure(SheetFailure)
    }

    /// Waits a moment for a process that has closed its output: it is about to end by itself, which says why.
    /// - Returns: whether it has ended.
    private static func waits(for child: pid_t, _ status: inout Int32) -> Bool {
        for _ in 0..<200 {
            if waitpid(child, &status, WNOHANG) == child { return true }
            usleep(5_000)
        }
        return false
    }

    private func spawn(input: Int32, output: Int32, _ arguments: [String]) throws(SheetFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { throw .unavailable }
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var pointers: [UnsafeMutablePointer<CChar>?] = (["yizhan"] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // Where the runtime's libraries are, when they are not beside the program, and nothing else.
        var environment: [UnsafeMutablePointer<CChar>?] = [
            getenv("LD_LIBRARY_PATH").map { strdup("LD_LIBRARY_PATH=" + String(cString: $0)) }, nil,
        ]
        defer { for pointer in environment { free(pointer) } }
        // Threads of this process block signals, the one at the limit of time among them; the child must not.
        var attributes = posix_spawnattr_t()
        guard posix_spawnattr_init(&attributes) == 0 else { throw .unavailable }
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        guard posix_spawn(&child, program, &actions, &attributes, &pointers, &environment) == 0 else {
            throw .unavailable
        }
        return child
    }

    private func take(from output: Int32, _ body: SheetEventHandler) -> End {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        var reader = SheetFrameReader()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = Int32(clamping: Int64((end - clock.now) / .milliseconds(1)))
            guard left > 0 else { return .failure(.readerExhausted) }
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, left)
            if ready < 0, errno != EINTR { return .failure(.unavailable) }
            if ready <= 0 { continue }
            let got = Glibc.read(output, &buffer, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return .silence }
            do throws(SheetFailure) {
                if try reader.take(buffer[..<got], body) { return .whole }
            } catch {
                return .failure(error)
            }
        }
    }

    /// Why a process ended without a word: time and memory have signals of their own.
    private static func cause(_ status: Int32) -> SheetFailure {
        let signal = status & 0x7F
        return [SIGXCPU, SIGKILL].contains(signal) ? .readerExhausted : .readerCrashed
    }
}

/// Reads in this process: for files that are made by the tests themselves.
public struct DirectSheetReader: SheetReading {
    /// Has no settings.
    public init() {}

    /// Reads one sheet of the file, on this thread.
    /// - Throws: why it cannot be read, or what `body` throws.
    public func read(path: String, sheet: String?, _ body: @escaping SheetEventHandler) throws(SheetFailure) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unavailable }
        defer { close(file) }
        try SheetReader.read(descriptor: file, path: path, sheet: sheet, body)
    }
}
