public import Messaging

extension ApiV1 {
    /// What a carrier pushed to us.
    public struct InboundPush: Hashable, Sendable {
        /// In the order of the body.
        public var reports: [CarrierReport]
        /// In the order of the body; `extNo` is kept as the text it is, `0` included.
        public var replies: [CarrierReply]

        /// Empty lists by default.
        public init(reports: [CarrierReport] = [], replies: [CarrierReply] = []) {
            self.reports = reports
            self.replies = replies
        }
    }

    /// The body of the push of one report, of a whole message.
    public static func encodePush(report: CustomerReport) -> [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.open("")
        writer.text("sendId", report.customID)
        writer.text("mobile", report.mobile)
        writer.time("times", report.reportedAt)
        // DELIVRD here, where polls have DELIVER: the document spells it so, and clients compare literally.
        writer.text("status", report.status.code)
        writer.close("")
        return writer.finished()
    }

    /// The body of the push of one reply.
    public static func encodePush(reply: CustomerReply) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.open("")
        writer.text("mobile", reply.mobile)
        writer.text("content", reply.content)
        writer.time("times", reply.receivedAt)
        writer.text("extNo", reply.accessExtension)
        writer.close("")
        return writer.finished()
    }

    /// What a carrier pushed: one report or reply, or a list of them; which it is, its fields say. One that has a
    /// sendId is a report, also where its status is missing.
    /// - Throws: `malformedJSON`; `parameterMissing` when it is neither report nor reply; `parameterInvalid` for more
    ///   than 20,000 entries.
    public static func decodePush(_ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundPush {
        var reader = JSONReader(WireBytes(body), replacesHalves: true)
        var times = ChinaTimeReader()
        var push = InboundPush()
        if try reader.enterObjectOrList() {
            try push.append(Record(&reader, &times))
        } else {
            while try reader.nextItem() {
                try CarrierBounds.check(push.reports.count + push.replies.count)
                try push.append(Record(&reader, &times))
            }
        }
        try reader.finish()
        return push
    }

    /// What the receiver of a push answers, beside HTTP status 200, which alone counts.
    public static func encodePushAnswer(_ rejection: Rejection? = nil) -> [UInt8] {
        let code = rejection.map { resultCode(for: $0) } ?? success
        var writer = JSONWriter(capacity: 48)
        writer.open("")
        writer.text("code", code)
        writer.text("message", words(for: code))
        writer.close("")
        return writer.finished()
    }
}

extension ApiV1.InboundPush {
    fileprivate mutating func append(_ record: ApiV1.Record) throws(Rejection) {
        if record.isReport || !record.isReply && record.hasSendID {
            reports.append(record.report)
        } else if record.isReply {
            replies.append(record.reply(extensionOfZero: "0"))
        } else {
            throw .parameterMissing("status")
        }
    }
}
