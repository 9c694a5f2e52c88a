import Glibc
import Messaging
import Secrets

/// The time stamp and the digest that goes with it; the same for one second.
struct StampedCredentials {
    let second: Int
    let stamp: [UInt8]
    let digest: [UInt8]

    init(account: String, password: String, second: Int) {
        let text = Timestamp(milliseconds: Int64(second) * 1000).monthDayTime
        self.second = second
        self.stamp = Array(text.utf8)
        self.digest = Array(MD5Digest.hex(account.uppercased(), "00000000", password, text).utf8)
    }

    /// Seconds since 1970.
    static func currentSecond() -> Int {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        return moment.tv_sec
    }
}
