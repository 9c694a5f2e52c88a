import Glibc

/// Who is at the other end of a Unix-domain socket, as the kernel says.
public struct PeerCredentials: Hashable, Sendable {
    /// The process that connected, as it was at that moment.
    public var processID: Int32
    /// Its effective user.
    public var userID: UInt32
    /// The primary group and all others.
    public var groupIDs: Set<UInt32>

    /// Takes the values as they are; `init(socket:)` asks the kernel.
    public init(processID: Int32, userID: UInt32, groupIDs: Set<UInt32>) {
        self.processID = processID
        self.userID = userID
        self.groupIDs = groupIDs
    }
}

/// Who may administer.
public struct PeerPolicy: Sendable {
    /// `socketGroup` is the group of the socket's file; nil where it has none.
    public let admits: @Sendable (_ peer: PeerCredentials, _ socketGroup: UInt32?) -> Bool

    /// - Parameter admits: called on the connection's event loop, once for each connection; must not block.
    public init(admits: @escaping @Sendable (_ peer: PeerCredentials, _ socketGroup: UInt32?) -> Bool) {
        self.admits = admits
    }

    /// Root, the user that `processUser` is (the server's own), and members of the socket's group.
    public static func standard(processUser: UInt32) -> PeerPolicy {
        PeerPolicy { peer, socketGroup in
            peer.userID == 0 || peer.userID == processUser || socketGroup.map(peer.groupIDs.contains) == true
        }
    }
}

extension PeerCredentials {
    /// Asks the kernel who connected (SO_PEERCRED and SO_PEERGROUPS, unix(7)); nil when it does not say.
    init?(socket descriptor: Int32) {
        // `struct ucred`, which the C library shows under _GNU_SOURCE only.
        var credentials: (processID: pid_t, userID: uid_t, groupID: gid_t) = (0, 0, 0)
        let size = MemoryLayout.size(ofValue: credentials)
        var length = socklen_t(size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0,
            Int(length) == size
        else { return nil }
        let others = Self.supplementaryGroups(descriptor)
        self.init(
            processID: credentials.processID, userID: credentials.userID,
            groupIDs: Set(others).union([credentials.groupID]))
    }

    private static func supplementaryGroups(_ descriptor: Int32) -> [UInt32] {
        var room = 64
        while room <= 65_536 {
            var length = socklen_t(room * MemoryLayout<gid_t>.stride)
            var succeeded = false
            let groups = [gid_t](unsafeUninitializedCapacity: room) { buffer, filled in
                succeeded = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, buffer.baseAddress, &length) == 0
                filled = succeeded ? Int(length) / MemoryLayout<gid_t>.stride : 0
            }
            if succeeded { return groups }
            guard errno == ERANGE else { return [] }
            room *= 8
        }
        return []
    }
}
