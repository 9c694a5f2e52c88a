import Glibc
import HTTPCore
import NIOCore
import NIOPosix

/// Why a listener could not be opened, as a sentence with the address and what to do.
enum ListenFailure {
    /// - Parameter setting: what names the address: `listen.front`, `--listen`.
    static func sentence(_ error: any Error, _ name: String, on source: ListenSource, setting: String) -> String {
        guard case .bind(let host, let port) = source else {
            return "The socket of the listener \(name) that systemd opened cannot be used: \(words(of: error))."
        }
        let address = AddressArgument(host: host, port: UInt16(clamping: port)).description
        let hint =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: " Another program listens there (ss -ltnp shows which): end it, or change \(setting)."
            case EACCES: " Ports below 1024 are root's: change \(setting)."
            case EADDRNOTAVAIL: " No interface of this machine has that address: change \(setting)."
            default: ""
            }
        return "The listener \(name) cannot listen on \(address): \(words(of: error)).\(hint)"
    }

    /// Without the names of system calls and functions.
    static func words(of error: any Error) -> String {
        if let first = (error as? NIOConnectionError)?.connectionErrors.first { return words(of: first.error) }
        return (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }
}
