public import Messaging
import Secrets

extension OperatorV2 {
    /// The three ways of seed 002 §3.1 to prove who one is. Digests and secrets are compared in constant time.
    public enum Authentication {
        /// How far a timestamp may be from now: 10 minutes, in milliseconds.
        public static let toleranceDefault: Int64 = 600_000

        /// With an apikey, it alone decides, if the account has one. Else userid must be the account's, and pwd the
        /// digest for a timestamp near `now`, or the password itself if the account may show it.
        /// - Throws: `Rejection.credentialsWrong`; `Rejection.accountDisabled` when they are right but of no use.
        public static func verify(
            _ credentials: Credentials, account: Account, secrets: AccountSecrets, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) throws(Rejection) {
            guard isRight(credentials, account, secrets, now, toleranceMilliseconds) else { throw .credentialsWrong }
            guard account.isEnabled else { throw .accountDisabled }
        }

        private static func isRight(
            _ credentials: Credentials, _ account: Account, _ secrets: AccountSecrets, _ now: Timestamp,
            _ tolerance: Int64
        ) -> Bool {
            if !credentials.apiKey.isEmpty {
                guard let key = secrets.apiKey, !key.isEmpty else { return false }
                return constantTimeEqual(credentials.apiKey, key)
            }
            guard credentials.userID == account.id, !credentials.password.isEmpty else { return false }
            if account.allowsPlainPassword, constantTimeEqual(credentials.password, secrets.apiPassword) { return true }
            return hasDigest(
                credentials, userID: account.id, password: secrets.apiPassword, at: now,
                toleranceMilliseconds: tolerance)
        }

        /// Whether the credentials are the digest of this user and password for a timestamp near `now`. A carrier's
        /// push is checked with it against the channel's own user and password.
        public static func hasDigest(
            _ credentials: Credentials, userID: String, password: String, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) -> Bool {
            guard credentials.userID == userID.uppercased(),
                let stamp = Timestamp(monthDayTime: credentials.timestamp, near: now),
                (stamp.milliseconds - now.milliseconds).magnitude <= toleranceMilliseconds.magnitude
            else { return false }
            let expected = digest(userID: userID, password: password, timestamp: credentials.timestamp)
            return constantTimeEqualHex(credentials.password, expected)
        }

        /// `pwd` in digest mode: MD5(UPPER(userid) + "00000000" + password + timestamp), lower-case hexadecimal.
        public static func digest(userID: String, password: String, timestamp: String) -> String {
            MD5Digest.hex(userID.uppercased(), "00000000", password, timestamp)
        }
    }
}
