public import Messaging

/// A driver towards one carrier: something that takes batches of messages and yields reports and replies. It need not
/// be HTTP.
///
/// A driver MUST return `refused` and `notSent` only when the carrier has certainly not taken the messages; in every
/// doubt it returns `uncertain`. It MUST end every call within `limits.durationMax`, and when its task is cancelled. It
/// MUST NOT retry by itself.
public protocol CarrierLink: Sendable {
    /// What a call of its dialect holds at most, and how long it may take; does not change.
    var limits: CallLimits { get }
    /// What has to be fetched; the rest is pushed to us.
    var polls: [InboundKind] { get }
    /// Hands messages to the carrier in one call; returns when the outcome is known or is uncertain.
    func submit(_ call: CarrierCall) async -> SubmitOutcome
    /// Fetches what waits at the carrier, raw, because the carrier forgets it at that moment.
    /// - Returns: nil when there was nothing.
    /// - Throws: why nothing could be fetched, as a sentence without its full stop.
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]?
    /// Tells the carrier that what `fetch` returned is durable here, where it forgets only then. What it hands out
    /// again because this failed is known by its time and id.
    func confirm(_ kind: InboundKind, _ body: [UInt8]) async
    /// Reads a raw body that `fetch` returned or that was pushed; what a pushed one holds is seen by its shape. Pure.
    /// - Throws: why it cannot be read, as a sentence without its full stop.
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems
    /// Called once, when the driver is not used any more.
    func close() async
}

extension CarrierLink {
    /// Nothing to confirm: for dialects whose carriers forget what they have handed out.
    public func confirm(_ kind: InboundKind, _ body: [UInt8]) async {}
}

/// Makes drivers for the dialects it knows.
public protocol CarrierLinkMaker: Sendable {
    /// The names that `makeLink` understands.
    var dialects: [String] { get }
    /// - Throws: a sentence when the endpoint cannot work (URL, credentials).
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink
}
