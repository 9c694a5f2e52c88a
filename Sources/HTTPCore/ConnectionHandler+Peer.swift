import NIOCore

/// The address behind a connection or a request, and what is counted for it.
extension ConnectionHandler {
    /// Counts the new connection. Called once, when its remote address is known.
    func meet(_ remoteAddress: SocketAddress?) -> ConnectionTable.Verdict {
        peer = PeerAddress(remoteAddress)
        source = peer
        isBehindProxy = peer.map(limits.trusts) ?? false
        return table.add(self, share: isBehindProxy ? nil : peer.map(AddressShare.init))
    }

    /// The PROXY protocol's header names the source of the connection.
    func move(to address: PeerAddress) {
        guard phase == .idle else { return }
        peer = address
        isBehindProxy = limits.trusts(address)
        settle(address)
        if !isBehindProxy, !table.assign(AddressShare(address), to: self) { refuse(.overloaded) }
    }

    /// Finds the source of a request that came through a trusted proxy, and counts the request for it.
    func identify(_ head: RequestHead) throws(HTTPFailure) {
        guard let peer else { return }
        let address = headBytes.withUnsafeReadableBytes { bytes in
            ForwardedFor.source(
                in: UnsafeRawBufferPointer(rebasing: bytes[head.fields]), from: peer, trusting: limits.trustedProxies)
        }
        settle(address)
        guard address != peer else { return }
        let share = AddressShare(address)
        // The bytes of the partial head were counted in the total only.
        releaseShares()
        guard table.census.take(share) else { throw .overloaded }
        requestShare = share
    }

    private func settle(_ address: PeerAddress) {
        guard address != source else { return }
        source = address
        connection?.moved(to: address.bytes)
    }

    // MARK: Shares

    /// Fewer bytes are not counted: the lock costs more than they do.
    private static let unaccountedBytesMax = 8 << 10

    /// Counts what has arrived of a head or a body so far; `bytes` is all of it.
    func reserveBuffered(_ bytes: Int) throws(HTTPFailure) {
        guard bytes > Self.unaccountedBytesMax, bytes > bufferedBytes else { return }
        if bufferedBytes == 0 {
            bufferedShare = requestShare ?? (isBehindProxy ? nil : peer.map(AddressShare.init))
        }
        guard table.buffered.reserve(bytes - bufferedBytes, for: bufferedShare) else { throw .overloaded }
        bufferedBytes = bytes
    }

    /// Gives back what was counted for a request that has ended.
    func releaseShares() {
        if bufferedBytes > 0 {
            table.buffered.release(bufferedBytes, for: bufferedShare)
            bufferedBytes = 0
        }
        if let share = requestShare {
            table.census.give(share)
            requestShare = nil
        }
    }

    // MARK: Eviction

    var isAuthenticated: Bool { connection?.isAuthenticated ?? false }

    /// Whether no request is lost when the connection is closed: none has begun, or one arrives slowly.
    func isDispensable(_ now: NIODeadline) -> Bool {
        switch phase {
        case .idle: true
        case .head, .body: now - phaseStart > Self.dispensableAfter
        case .answering, .lingering, .closed: false
        }
    }

    /// A request that has not arrived whole in this time arrives slowly.
    private static let dispensableAfter = TimeAmount.seconds(2)
}
