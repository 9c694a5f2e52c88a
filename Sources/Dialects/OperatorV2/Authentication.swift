public import Messaging
import Secrets

extension OperatorV2 {
    /// The three ways to prove who one is (INTERFACE.md, Setting up an account). Digests and secrets are compared in
    /// constant time.
    public enum Authentication {
        /// How far a timestamp may be from now: 10 minutes, in milliseconds.
        public static let toleranceDefault: Int64 = 600_000

        /// With an apikey, it alone decides, if the account has one. Else userid must be the account's, and pwd the
        /// digest for a timestamp near `now`, or the password itself if the account may show it.
        /// - Throws: `Rejection.credentialsWrong`; `Rejection.timestampStale` for a digest that is right for its own
        ///   timestamp; `Rejection.accountDisabled` when they are right but of no use.
        public static func verify(
            _ credentials: Credentials, account: Account, secrets: AccountSecrets, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) throws(Rejection) {
            try prove(credentials, account, secrets, now, toleranceMilliseconds)
            guard account.isEnabled else { throw .accountDisabled }
        }

        private static func prove(
            _ credentials: Credentials, _ account: Account, _ secrets: AccountSecrets, _ now: Timestamp,
            _ tolerance: Int64
        ) throws(Rejection) {
            if !credentials.apiKey.isEmpty {
                guard let key = secrets.apiKey, !key.isEmpty, constantTimeEqual(credentials.apiKey, key) else {
                    throw .credentialsWrong
                }
                return
            }
            guard let login = account.login(in: .operatorV2), credentials.userID == login,
                !credentials.password.isEmpty
            else { throw .credentialsWrong }
            if account.allowsPlainPassword, constantTimeEqual(credentials.password, secrets.apiPassword) { return }
            try proveDigest(
                credentials, userID: login, password: secrets.apiPassword, at: now, toleranceMilliseconds: tolerance)
        }

        /// Whether the credentials are the digest of this user and password for a timestamp near `now`. A carrier's
        /// push is checked with it against the channel's own user and password.
        public static func hasDigest(
            _ credentials: Credentials, userID: String, password: String, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) -> Bool {
            do throws(Rejection) {
                try proveDigest(
                    credentials, userID: userID, password: password, at: now,
                    toleranceMilliseconds: toleranceMilliseconds)
                return true
            } catch {
                return false
            }
        }

        /// As `hasDigest`.
        /// - Throws: `Rejection.credentialsWrong`; `Rejection.timestampStale` for a digest that is right for its own
        ///   timestamp, which is no time or too far from `now`.
        public static func proveDigest(
            _ credentials: Credentials, userID: String, password: String, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) throws(Rejection) {
            let expected = digest(userID: userID, password: password, timestamp: credentials.timestamp)
            guard credentials.userID == Account.folded(userID), constantTimeEqualHex(credentials.password, expected)
            else { throw .credentialsWrong }
            guard let stamp = Timestamp(monthDayTime: credentials.timestamp, near: now),
                stamp.milliseconds(since: now).magnitude <= toleranceMilliseconds.magnitude
            else { throw .timestampStale }
        }

        /// `pwd` in digest mode: MD5(UPPER(userid) + "00000000" + password + timestamp), lower-case hexadecimal.
        public static func digest(userID: String, password: String, timestamp: String) -> String {
            MD5Digest.hex(Account.folded(userID), "00000000", password, timestamp)
        }
    }
}
