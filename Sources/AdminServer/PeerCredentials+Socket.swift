import Glibc

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
