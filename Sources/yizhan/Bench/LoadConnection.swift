import NIOCore

/// One keep-alive connection: sends what its lane gives it and tells the lane of each reply.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let lane: LoadLane
    /// Whose requests these are, as an index into the plan's accounts.
    let account: Int
    private let ended: () -> Void
    private var template: RequestTemplate
    private var stampedAt = 0
    private var scanner = ReplyScanner()
    private var context: ChannelHandlerContext?
    /// When the requests under way were due, in the order sent.
    private var due = CircularBuffer<UInt64>(initialCapacity: 1)
    /// Whether the lane has it among the idle ones.
    var isListedAsIdle = false
    /// Whether something was written since the last flush.
    var isDirty = false

    /// `ended` is called once the connection is closed.
    init(lane: LoadLane, account: Int, ended: @escaping () -> Void) {
        self.lane = lane
        self.account = account
        self.ended = ended
        self.template = lane.makeTemplate(account: account)
    }

    var isOpen: Bool { context != nil }
    /// Requests sent and not answered.
    var outstanding: Int { due.count }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) { lane.opened(self) }

    /// Writes a request without flushing it.
    func send(dueAt moment: UInt64) {
        guard let context else { return }
        lane.prepare(&template, account: account, stampedAt: &stampedAt)
        due.append(moment)
        isDirty = true
        context.write(wrapOutboundOut(template.bytes), promise: nil)
    }

    func flush() {
        isDirty = false
        context?.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        scanner.append(&bytes)
        do {
            while let reply = try scanner.next() {
                guard let moment = due.popFirst() else { throw ReplyScanner.Unintelligible() }
                lane.answered(reply, dueAt: moment)
            }
            lane.hasRoom(self)
        } catch {
            lane.count(error: "unintelligible reply")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        let lost = due.count
        due.removeAll()
        lane.closed(self, lost: lost)
        ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
