import Glibc

/// How many connections the kernel keeps for a listening socket until they are accepted.
struct ListenBacklog {
    private let descriptor: Int32
    /// 0 when it cannot be read.
    let size: Int32

    /// Of a listening TCP socket, where Linux has it in a field of `tcp_info` that connections use otherwise
    /// (net/ipv4/tcp.c, tcp_get_info).
    init(of descriptor: Int32) {
        self.descriptor = descriptor
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        let isListening =
            getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 && info.tcpi_state == 10
        size = isListening ? Int32(clamping: info.tcpi_sacked) : 0
    }

    /// Sets the larger of `size` and `other`.
    func restore(atLeast other: Int32) {
        _ = listen(descriptor, max(size, other))
    }
}
