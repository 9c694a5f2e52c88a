public import Messaging
import Secrets

extension Enterprise {
    /// How a customer proves who it is. Digests and secrets are compared in constant time.
    public enum Authentication {
        /// How far a timestamp may be from now: 5 minutes, in milliseconds.
        public static let toleranceDefault: Int64 = 300_000

        /// `signature`: MD5(account|password|timeStamp), lower-case hexadecimal.
        public static func signature(account: String, password: String, timestamp: String) -> String {
            MD5Digest.hex(account, "|", password, "|", timestamp)
        }

        /// Whether the signature is right for a timestamp near `now`.
        public static func hasSignature(
            _ signature: String, account: String, timestamp: String, password: String, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) -> Bool {
            do throws(Rejection) {
                try prove(
                    signature, account: account, timestamp: timestamp, password: password, at: now,
                    toleranceMilliseconds: toleranceMilliseconds)
                return true
            } catch {
                return false
            }
        }

        /// Judges a signature. The password in it may be the plain one or its MD5 in either case.
        /// - Throws: `Rejection.credentialsWrong`; `Rejection.timestampStale` for a signature that is right for its own
        ///   timestamp, which is too far from `now`.
        public static func prove(
            _ signature: String, account: String, timestamp: String, password: String, at now: Timestamp,
            toleranceMilliseconds: Int64 = toleranceDefault
        ) throws(Rejection) {
            let digest = MD5Digest.hex(password)
            var isRight = false
            for form in [password, digest, digest.uppercased()] {
                let expected = self.signature(account: account, password: form, timestamp: timestamp)
                if constantTimeEqualHex(signature, expected) { isRight = true }
            }
            guard isRight else { throw .credentialsWrong }
            guard let moment = moment(timestamp),
                moment.milliseconds(since: now).magnitude <= toleranceMilliseconds.magnitude
            else { throw .timestampStale }
        }

        /// Whether the header `password` is the password's MD5, or the password itself where that may be shown.
        public static func isPassword(_ given: String, password: String, allowsPlain: Bool) -> Bool {
            guard !password.isEmpty else { return false }
            if allowsPlain, constantTimeEqual(given, password) { return true }
            return constantTimeEqualHex(given, MD5Digest.hex(password))
        }

        /// `timeStamp`: milliseconds since 1970 in 13 digits; nil for anything else.
        public static func moment(_ timestamp: String) -> Timestamp? {
            guard timestamp.utf8.count == 13, timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int64(timestamp).map { Timestamp(milliseconds: $0) }
        }
    }
}
