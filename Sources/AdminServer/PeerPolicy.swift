/// Who is at the other end of a Unix-domain socket, as the kernel says.
public struct PeerCredentials: Hashable, Sendable {
    public var processID: Int32
    public var userID: UInt32
    /// The primary group and all others.
    public var groupIDs: Set<UInt32>

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
