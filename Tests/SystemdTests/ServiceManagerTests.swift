import Glibc
import Testing

@testable import Systemd

@Suite struct ServiceManagerTests {
    @Test func `states are written as the protocol spells them, and a status cannot smuggle in another one`() {
        #expect(ServiceManager.State.ready.assignment == "READY=1")
        #expect(ServiceManager.State.stopping.assignment == "STOPPING=1")
        #expect(ServiceManager.State.watchdog.assignment == "WATCHDOG=1")
        #expect(ServiceManager.State.status("a\nREADY=1\r\nb").assignment == "STATUS=a READY=1 b")
    }

    @Test func `states arrive at the manager's socket in one datagram`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let scratch = Scratch()
            defer { scratch.remove() }
            let listener = datagramSocket(at: scratch.path + "/socket")
            setenv("NOTIFY_SOCKET", scratch.path + "/socket", 1)
            let sent = ServiceManager.notify(.ready, .status("serving"))
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = recv(listener, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            scratch.remove()
            require(sent, "the state was sent")
            require(count > 0, "a datagram came")
            let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
            require(text == "READY=1\nSTATUS=serving", "the datagram is \(text)")
            exit(42)
        }
    }

    @Test func `without a manager nothing is sent and nothing is watched`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            unsetenv("NOTIFY_SOCKET")
            unsetenv("WATCHDOG_USEC")
            require(!ServiceManager.notify(.ready), "nothing sent")
            require(ServiceManager.watchdogInterval == nil, "not watched")
            exit(42)
        }
    }

    @Test func `the watchdog is fed at half of its time, and only by the process that it watches`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            setenv("WATCHDOG_USEC", "30000000", 1)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            require(ServiceManager.watchdogInterval == .seconds(15), "half of it")
            setenv("WATCHDOG_PID", "1", 1)
            require(ServiceManager.watchdogInterval == nil, "another process's")
            exit(42)
        }
    }
}

private func datagramSocket(at path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    require(bound == 0, "bound to \(path)")
    return descriptor
}
