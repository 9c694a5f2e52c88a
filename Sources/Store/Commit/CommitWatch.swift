import Glibc
import Synchronization

/// The transaction that is under way: since when, and on which thread, so that others can see what it does.
final class CommitWatch: Sendable {
    /// Milliseconds of the monotonic clock; 0: none is under way.
    private let since = Atomic<Int64>(0)
    private let thread = Atomic<Int32>(0)

    /// On the thread of the transaction.
    func begin() {
        thread.store(Self.threadNumber(), ordering: .relaxed)
        since.store(Self.now(), ordering: .releasing)
    }

    func end() { since.store(0, ordering: .releasing) }

    /// For how long one has been under way, in milliseconds; nil: none is.
    var age: Int64? {
        let since = since.load(ordering: .acquiring)
        return since == 0 ? nil : Self.now() - since
    }

    /// Nil: none is under way.
    var underWay: CommitUnderWay? {
        guard let age else { return nil }
        let state = Self.state(ofThread: thread.load(ordering: .relaxed))
        return CommitUnderWay(milliseconds: age, isInSystemCall: state != .running)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return 1 + Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The kernel's number of the calling thread. The function is in the C library and not in the headers that Swift
    /// reads; 0 where it is missing. Invariant: what has this name there takes nothing and gives a pid_t.
    private static let threadNumber: @convention(c) () -> Int32 = {
        guard let symbol = dlsym(nil, "gettid") else { return { 0 } }
        return unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)
    }()

    // MARK: The kernel's view

    enum ThreadState: Hashable {
        /// It computes, or waits for another thread of this process.
        case running
        /// It waits for the kernel: a file, a disk.
        case inKernel
        /// The kernel does not say.
        case unknown
    }

    /// What a thread of this process is at, as `/proc/self/task/TID/syscall` and `stat` say it (proc(5)).
    static func state(ofThread thread: Int32) -> ThreadState {
        let folder = "/proc/self/task/\(thread)/"
        return state(syscall: text(folder + "syscall"), stat: text(folder + "stat"))
    }

    static func state(syscall: String?, stat: String?) -> ThreadState {
        // `TID (name) S …`, where the name may hold anything.
        let letter = stat?.split(separator: ")").last?.split(separator: " ").first
        // Uninterruptible: a page of a file that is mapped is read as well, without a call.
        if letter == "D" { return .inKernel }
        guard let number = syscall?.split(whereSeparator: { $0 == " " || $0 == "\n" }).first else { return .unknown }
        if number == "running" { return .running }
        guard let call = Int(number), call >= 0 else { return .running }
        return futexCalls.contains(call) ? .running : .inKernel
    }

    /// futex and futex_wait: waiting for a lock that a thread of this process holds.
    #if arch(x86_64)
        private static let futexCalls: Set<Int> = [202, 455]
    #else
        private static let futexCalls: Set<Int> = [98, 455]
    #endif

    /// Up to 1 KiB of a file; nil when it cannot be read.
    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}

/// A transaction that is under way.
public struct CommitUnderWay: Hashable, Sendable {
    /// For how long it has been under way.
    public var milliseconds: Int64
    /// Its thread waits for the kernel, which is where a disk that hangs keeps it; a thread that is stuck in this
    /// program, or waits for another of it, does not. Also true where the kernel does not say.
    public var isInSystemCall: Bool

    /// `milliseconds` counts from the begin of the transaction.
    public init(milliseconds: Int64, isInSystemCall: Bool) {
        self.milliseconds = milliseconds
        self.isInSystemCall = isInSystemCall
    }
}
