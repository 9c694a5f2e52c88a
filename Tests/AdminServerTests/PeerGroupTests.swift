import AdminServer
import Administration
import Glibc
import Testing

@testable import AdminServer

/// Who is at the other end of a socket, as the kernel tells it. Groups are the process's own, so each case runs in a
/// process of its own.
struct PeerGroupTests {
    @Test func `the peer's groups are its primary one and all that it has beside it`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let count = getgroups(0, nil)
            var groups = [gid_t](repeating: 0, count: Int(max(0, count)))
            guard count >= 0, getgroups(count, &groups) == count else { exit(1) }
            guard PeerGroupTests.peer()?.groupIDs == Set(groups).union([getegid()]) else { exit(2) }
            exit(42)
        }
    }

    /// More groups than the first question to the kernel has room for, none of them the primary one.
    @Test(.enabled(if: geteuid() == 0, "only root can change its groups"), arguments: [1, 64, 65, 600])
    func `membership through a supplementary group counts, however many there are`(count: Int) async {
        await #expect(processExitsWith: .exitCode(42)) { [count] in
            let groups = (0..<gid_t(count)).map { 50_000 + $0 }
            // Where the system forbids it there is nothing to see.
            guard setgroups(groups.count, groups) == 0 else { exit(42) }
            guard let peer = PeerGroupTests.peer(), peer.groupIDs == Set(groups).union([getegid()]) else { exit(2) }
            let member = PeerCredentials(processID: 1, userID: 1000, groupIDs: peer.groupIDs)
            let policy = PeerPolicy.standard(processUser: 990)
            guard policy.admits(member, groups[count - 1]), !policy.admits(member, 49_999) else { exit(3) }
            exit(42)
        }
    }

    fileprivate static func peer() -> PeerCredentials? {
        var ends: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &ends) { raw in
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, raw.baseAddress?.assumingMemoryBound(to: Int32.self))
        }
        return made == 0 ? PeerCredentials(socket: ends.0) : nil
    }
}
