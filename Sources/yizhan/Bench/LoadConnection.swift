import NIOCore

/// One keep-alive connection: sends a request, waits for its reply, sends the next.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let lane: LoadLane
    private let ended: () -> Void
    private var template: RequestTemplate
    private var stampedAt = 0
    private var scanner = ReplyScanner()
    private var context: ChannelHandlerContext?
    /// When the request under way was due.
    private var dueAt: UInt64?
    private var timer: Scheduled<Void>?

    /// `ended` is called once the connection is closed.
    init(lane: LoadLane, ended: @escaping () -> Void) {
        self.lane = lane
        self.ended = ended
        self.template = lane.makeTemplate()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) { sendNext() }

    func sendNext() {
        guard let context, let due = lane.claimRequest(for: self) else { return }
        dueAt = due
        guard due > LoadLane.now() else { return send(context) }
        let wake = NIODeadline.uptimeNanoseconds(due)
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: wake) {
            self.timer = nil
            if let context = self.context { self.send(context) }
        }
    }

    private func send(_ context: ChannelHandlerContext) {
        guard lane.confirmRequest() else {
            dueAt = nil
            return
        }
        lane.prepare(&template, stampedAt: &stampedAt)
        context.writeAndFlush(wrapOutboundOut(template.bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        scanner.append(&bytes)
        do {
            while let reply = try scanner.next() {
                guard let due = dueAt, timer == nil else { throw ReplyScanner.Unintelligible() }
                let now = LoadLane.now()
                dueAt = nil
                lane.answered(reply, after: now > due ? now - due : 0)
                sendNext()
            }
        } catch {
            lane.count(error: "unintelligible reply")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if dueAt != nil {
            if let timer {
                timer.cancel()
                lane.giveBack()
            } else {
                lane.lost()
            }
            dueAt = nil
        }
        timer = nil
        self.context = nil
        ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
