import Secrets

extension Yixintong {
    /// The credentials of a request, from its header fields, not yet verified.
    public struct Credentials: Hashable, Sendable {
        /// `x-sp-code`: the enterprise's number.
        public var spCode: String
        /// `x-app-key`: the account, as the customer wrote it.
        public var appKey: String
        /// `x-request-id`.
        public var requestID: String
        /// `x-sign`.
        public var signature: String

        /// Takes the values of the header fields unchanged, as they are signed.
        public init(spCode: String = "", appKey: String = "", requestID: String = "", signature: String = "") {
            self.spCode = spCode
            self.appKey = appKey
            self.requestID = requestID
            self.signature = signature
        }
    }

    /// One parameter of a body, as it is signed.
    public struct Parameter: Hashable, Sendable {
        /// As in the body.
        public var name: String
        /// Empty for null.
        public var value: String
        /// Whether the body has null for it; `value` is then empty.
        public var isNull: Bool

        /// - Parameter value: raw, not percent-encoded; empty for null.
        public init(_ name: String, _ value: String, isNull: Bool = false) {
            self.name = name
            self.value = value
            self.isNull = isNull
        }
    }

    /// How a text is percent-encoded before it is signed; what clients use differs.
    public typealias SignatureEncoding = URLEncoding

    /// `x-sign`: hex(SM3(spCode + appKey + appSecret + URLENC(q) + x-request-id)), where q is `k1=v1&k2=v2`, the
    /// parameters sorted by name.
    public enum Signature {
        /// The signature of a request whose credentials but for the signature are `credentials`.
        public static func make(
            _ credentials: Credentials, parameters: [Parameter], appSecret: String,
            encoding: SignatureEncoding = .java
        ) -> String {
            let encoded = encoding.encode(joined(parameters))
            return SM3Digest.hex(signed(credentials, appSecret, encoded))
        }

        /// Whether the request is signed with this secret, in either encoding. Null and empty parameters may be signed
        /// as `k=`, as `k=null`, or not at all, nulls in one way and empty ones in another. Compares in constant time.
        public static func isRight(
            _ credentials: Credentials, parameters: [Parameter], appSecret: String
        ) -> Bool {
            guard !credentials.signature.isEmpty, !appSecret.isEmpty else { return false }
            let nulls = parameters.contains(where: \.isNull) ? EmptyForm.allCases : [.blank]
            let empties =
                parameters.contains { !$0.isNull && $0.value.isEmpty } ? EmptyForm.allCases : [.blank]
            return nulls.contains { null in
                empties.contains { empty in
                    let signed = parameters.compactMap { parameter in
                        guard parameter.value.isEmpty else { return parameter }
                        return (parameter.isNull ? null : empty).form(of: parameter)
                    }
                    return isRight(credentials, joined(signed), appSecret)
                }
            }
        }

        /// How a parameter without a value is signed.
        private enum EmptyForm: CaseIterable {
            case blank, word, absent

            func form(of parameter: Parameter) -> Parameter? {
                switch self {
                case .blank: parameter
                case .word: Parameter(parameter.name, "null")
                case .absent: nil
                }
            }
        }

        private static func isRight(_ credentials: Credentials, _ text: String, _ appSecret: String) -> Bool {
            let encoded = SignatureEncoding.java.encode(text)
            let expected = SM3Digest.hex(signed(credentials, appSecret, encoded))
            if constantTimeEqualHex(credentials.signature, expected) { return true }
            let other = SignatureEncoding.javaScript.encode(text)
            if other == encoded { return false }
            return constantTimeEqualHex(
                credentials.signature, SM3Digest.hex(signed(credentials, appSecret, other)))
        }

        private static func joined(_ parameters: [Parameter]) -> String {
            let sorted = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return sorted.map { $0.name + "=" + $0.value }.joined(separator: "&")
        }

        private static func signed(_ credentials: Credentials, _ appSecret: String, _ encoded: [UInt8]) -> [UInt8] {
            var input: [UInt8] = []
            input.reserveCapacity(encoded.count + 128)
            input.append(contentsOf: credentials.spCode.utf8)
            input.append(contentsOf: credentials.appKey.utf8)
            input.append(contentsOf: appSecret.utf8)
            input.append(contentsOf: encoded)
            input.append(contentsOf: credentials.requestID.utf8)
            return input
        }
    }
}
