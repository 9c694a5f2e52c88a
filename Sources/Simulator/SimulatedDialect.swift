import Dialects
import HTTPCore
import Messaging

/// The server's side of one dialect at a simulated carrier. It reads requests and writes answers; what becomes of
/// messages is the carrier's: `receive`, `takeReports`, `takeReplies`, and `conclude` for the answer to a submission.
protocol SimulatedDialect: Sendable {
    /// Called on the connection's event loop.
    /// - Returns: false when the path is not one of this dialect's.
    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool
}

/// How a simulated carrier pushes in one dialect.
protocol SimulatedPush: Sendable {
    /// Entries of one push at most.
    var reportsMax: Int { get }
    var repliesMax: Int { get }
    /// What one report stands for.
    var grain: ReportGrain { get }
    /// Whether a push is tried once only, whatever becomes of it.
    var isTriedOnce: Bool { get }
    func encode(_ items: PushedItems, sequence: Int64, at now: Timestamp) -> (contentType: String, body: [UInt8])
    func isAccepted(_ answer: PushClient.Answer) -> Bool
}

enum PushedItems: Sendable {
    case reports([CustomerReport])
    case replies([CustomerReply])
}

enum SimulatedDialects {
    /// The server's side of a dialect; nil where it has none yet.
    static func make(_ name: DialectName, of carrier: SimulatedCarrier) -> (any SimulatedDialect)? {
        switch name {
        case .operatorV2: OperatorV2Carrier(carrier: carrier)
        case .enterpriseOAuth2: EnterpriseCarrier(carrier: carrier, mode: .token)
        case .enterpriseJSON: EnterpriseCarrier(carrier: carrier, mode: .plain)
        case .apiV1, .guodu, .yixintong: nil
        }
    }

    /// Nil where a dialect has no pushes.
    static func makePush(_ name: DialectName, _ configuration: SimulatorConfiguration) -> (any SimulatedPush)? {
        switch name {
        case .operatorV2: OperatorV2CarrierPush(user: configuration.user, password: configuration.password)
        case .enterpriseOAuth2, .enterpriseJSON, .apiV1, .guodu, .yixintong: nil
        }
    }
}
