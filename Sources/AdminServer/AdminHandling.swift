public import AdminProtocol

/// What carries requests out.
public protocol AdminHandling: Sendable {
    /// The result of one request. Requests of one connection come one after another, those of several at once.
    /// A result that does not fit a frame is answered as INTERNAL: page what can grow.
    func handle(_ request: AdminRequest.OneOf_Call) async throws(AdminError) -> AdminResponse.OneOf_Result
}
