import Glibc
import NIOCore

/// An open file that is sent as the body of an answer. It is closed when the last reference goes.
public final class FileBody: Sendable {
    let handle: NIOFileHandle
    /// In bytes, when it was opened. A file that is shorter when it is sent ends the connection.
    public let length: Int

    /// Opens a regular file for reading; a symbolic link is not followed.
    /// - Throws: `OpenFailure` with the reason of the system.
    public init(path: String) throws(OpenFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw OpenFailure(code: errno) }
        var status = stat()
        let code = fstat(descriptor, &status) == 0 ? 0 : errno
        guard code == 0, status.st_mode & S_IFMT == S_IFREG, let length = Int(exactly: status.st_size) else {
            close(descriptor)
            throw OpenFailure(code: code)
        }
        self.length = length
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
    }

    deinit { try? handle.close() }

    /// Why a file cannot be sent.
    public struct OpenFailure: Error, Hashable {
        /// `errno`; 0 when it is no regular file.
        public var code: Int32
    }
}
