import CSheets
import Glibc

/// What the reading process may still do: read its standard input, write its standard output, use some memory and
/// time. Set by the process itself before it looks at the first byte of the file.
public enum SheetSandbox {
    /// Bytes of address space.
    public static let memoryBytes: UInt64 = 512 << 20
    /// Seconds of processor time.
    public static let processorSeconds: UInt64 = 20

    /// - Throws: `unavailable` when the kernel refuses any of it: then no file is read.
    public static func enter() throws(SheetFailure) {
        // Larger than a pipe holds: a write that SIGPIPE would end tells the same.
        signal(SIGPIPE, SIG_IGN)
        try limit(RLIMIT_AS, memoryBytes)
        try limit(RLIMIT_CPU, processorSeconds)
        try limit(RLIMIT_CORE, 0)
        try limit(RLIMIT_NOFILE, 16)
        try limit(RLIMIT_FSIZE, 0)
        guard sheets_restrict_process() == 0 else { throw .unavailable }
    }

    private static func limit(_ resource: __rlimit_resource, _ value: UInt64) throws(SheetFailure) {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { throw .unavailable }
    }

    /// Reads standard input and writes frames to standard output; what the hidden subcommand does.
    /// - Parameter sheet: the name of the sheet; nil for the first visible one that has content.
    /// - Returns: the exit status.
    public static func readStandardInput(sheet: String?) -> Int32 {
        let writer = SheetFrameWriter { bytes throws(SheetFailure) in
            var place = 0
            while place < bytes.count {
                let written = Glibc.write(1, bytes.baseAddress.map { $0 + place }, bytes.count - place)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw .unavailable }
                place += written
            }
        }
        do throws(SheetFailure) {
            try enter()
            try SheetReader.read(descriptor: 0, path: "/proc/self/fd/0", sheet: sheet) {
                event throws(SheetFailure) in try writer.write(event)
            }
            return 0
        } catch {
            try? writer.write(error)
            return 1
        }
    }
}
