import Messaging

/// In place of a driver that cannot be made: nothing is sent and nothing is asked. Messages wait, or take another
/// channel; what the carrier pushes is stored and read when there is a driver again.
struct DisconnectedLink: CarrierLink {
    /// As a sentence without its full stop.
    let reason: String

    var limits: CallLimits { CallLimits(sameContentMax: 1, distinctMax: 1) }
    var polls: [InboundKind] { [] }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { .notSent(reason: reason) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { throw CarrierFailure(reason) }

    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        throw CarrierFailure(reason)
    }

    func close() async {}
}
