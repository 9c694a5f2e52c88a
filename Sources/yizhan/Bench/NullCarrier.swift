import Engine
import Messaging

/// A carrier that is set up and never asked: for stores that are written without an appliance.
struct NullCarrier: CarrierLinkMaker, CarrierLink {
    let dialects = ["operator-v2"]
    let limits = CallLimits(sameContentMax: 1000, distinctMax: 100)
    let polls: [InboundKind] = []

    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink { self }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { .notSent(reason: "nothing is sent here") }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems { InboundItems() }
    func close() async {}

    static let channel = Channel(name: "sim", accessNumber: "10690012122", connectionLimit: 64)
    static let endpoint = ChannelEndpoint(
        dialect: "operator-v2", url: "http://127.0.0.1:9", user: "SIM001", password: "sim-secret")
}
