import Engine
import Messaging
import NIOHTTP1

/// How the carriers of one dialect push to us: how they prove who they are, and what they are answered.
protocol CallbackDialect: Sendable {
    /// Whether a push is from whom it says and can be read, and what it is answered. Pure.
    func judge(_ body: [UInt8], contentType: String?, at now: Timestamp) -> CallbackVerdict
}

/// What becomes of a push. Its body is kept either way, for the operator only when it is not accepted.
struct CallbackVerdict: Sendable {
    /// It may be applied.
    var isAccepted: Bool
    /// Why not; empty when it may.
    var reason: String
    var status = HTTPResponseStatus.ok
    var answer: [UInt8]
    var answerContentType = "application/json;charset=utf-8"
}

enum CallbackDialects {
    /// Nil for a channel whose dialect pushes nothing.
    static func make(for entry: ChannelEntry) -> (any CallbackDialect)? {
        switch DialectName(rawValue: entry.endpoint.dialect) {
        case .operatorV2: OperatorV2CallbackDialect(user: entry.endpoint.user, password: entry.endpoint.password)
        case .enterpriseOAuth2, .enterpriseJSON, .apiV1, .guodu, .yixintong, nil: nil
        }
    }
}
