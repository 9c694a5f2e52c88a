import Glibc
import Systemd
import Testing

/// The environment and descriptors 3, 4 … are the process's own, so each case runs in a process of its own.
@Suite struct ListenSocketsTests {
    @Test func `a process that was not activated gets no sockets`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            unsetenv("LISTEN_PID")
            require((try? ListenSockets.adopt())?.isEmpty == true, "no sockets")
            exit(42)
        }
    }

    @Test func `sockets come by name, several may share one, and children do not inherit them`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            for target in Int32(3)...5 {
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                if descriptor != target { dup2(descriptor, target) }
            }
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "3", 1)
            setenv("LISTEN_FDNAMES", "front:callback:front", 1)
            require((try? ListenSockets.adopt()) == ["front": [3, 5], "callback": [4]], "the names of the units")
            for descriptor in Int32(3)...5 {
                require(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "close on exec")
            }
            require(getenv("LISTEN_FDS") == nil && getenv("LISTEN_PID") == nil, "the environment is clean")
            require((try? ListenSockets.adopt())?.isEmpty == true, "nothing left for a second call")
            exit(42)
        }
    }

    @Test func `variables meant for another process are not for us`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "3", 1)
            require((try? ListenSockets.adopt())?.isEmpty == true, "no sockets")
            exit(42)
        }
    }

    @Test func `a descriptor that is not open is an error`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "900", 1)
            do {
                _ = try ListenSockets.adopt()
            } catch {
                require((error as? SystemdError)?.call == "sd_listen_fds_with_names", "the call is named")
                exit(42)
            }
        }
    }
}
