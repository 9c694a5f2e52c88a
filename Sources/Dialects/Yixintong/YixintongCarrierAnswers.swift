public import Messaging

extension Yixintong {
    /// What a carrier answers to a send, and to a confirmation, which has no task.
    public struct SendAnswer: Hashable, Sendable {
        /// 0 is success.
        public var code: Int
        /// Empty when there is none.
        public var taskID: String

        /// - Parameter code: 0 for success.
        public init(code: Int, taskID: String) {
            self.code = code
            self.taskID = taskID
        }

        /// - Throws: `Rejection.malformedJSON`; also when there is no `code`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body, .send)
            self.init(code: fields.code, taskID: fields.taskID)
        }
    }

    /// What a carrier answers to a fetch of reports.
    public struct ReportsAnswer: Hashable, Sendable {
        /// 0 is success, 38 is no data.
        public var code: Int
        /// `data` in the carrier's order, each of a whole message; empty where `data` is no list.
        public var reports: [CarrierReport]

        /// - Parameter code: 0 for success.
        public init(code: Int, reports: [CarrierReport]) {
            self.code = code
            self.reports = reports
        }

        /// - Throws: `malformedJSON`, also when there is no `code`; `parameterInvalid` for more than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body, .fetchReports)
            self.init(code: fields.code, reports: fields.reports)
        }
    }

    /// What a carrier answers to a query of replies.
    public struct RepliesAnswer: Hashable, Sendable {
        /// 0 is success, 38 is no data.
        public var code: Int
        /// `apiSmsReplyBoList`, in the carrier's order; empty when missing.
        public var replies: [CarrierReply]
        /// What confirms them, verbatim; empty when there is none.
        public var maxID: String

        /// - Parameter maxID: verbatim, as it is to be sent back.
        public init(code: Int, replies: [CarrierReply], maxID: String) {
            self.code = code
            self.replies = replies
            self.maxID = maxID
        }

        /// - Throws: `malformedJSON`, also when there is no `code`; `parameterInvalid` for more than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body, .fetchReplies)
            self.init(code: fields.code, replies: fields.replies, maxID: fields.maxID)
        }
    }

    /// A carrier's answer to any operation.
    private struct AnswerFields {
        var code = 0
        var taskID = ""
        var reports: [CarrierReport] = []
        var replies: [CarrierReply] = []
        var maxID = ""

        init(_ body: UnsafeRawBufferPointer, _ operation: Operation) throws(Rejection) {
            var reader = JSONReader(ofCarrier: WireBytes(body).trimmed)
            var hasCode = false
            try reader.enterRecord()
            while let name = try reader.nextName() {
                if name.equals("code") {
                    guard let value = try reader.value().integer else { throw .malformedJSON }
                    code = Int(value)
                    hasCode = true
                } else if name.equals("data") {
                    try readData(&reader, operation)
                } else {
                    try reader.skipValue()
                }
            }
            try reader.finish()
            guard hasCode else { throw .malformedJSON }
        }

        private mutating func readData(_ reader: inout JSONReader, _ operation: Operation) throws(Rejection) {
            if operation == .fetchReports {
                guard case .entered = try reader.enterList() else { return }
                while try reader.nextItem() {
                    try CarrierBounds.check(reports.count)
                    reports.append(try CarrierReport(yixintong: &reader))
                }
                return
            }
            // The value is null or a text, not an object, where there is no data.
            var inner = reader
            do throws(Rejection) {
                try inner.enterRecord()
            } catch {
                return try reader.skipValue()
            }
            reader = inner
            while let name = try reader.nextName() {
                if name.equals("taskId") {
                    taskID = try reader.value().codeText
                } else if name.equals("maxId") {
                    maxID = try reader.value().wordsText
                } else if name.equals("apiSmsReplyBoList") {
                    guard case .entered = try reader.enterList() else { continue }
                    var times = ChinaTimeReader()
                    while try reader.nextItem() {
                        try CarrierBounds.check(replies.count)
                        replies.append(try CarrierReply(yixintong: &reader, &times))
                    }
                } else {
                    try reader.skipValue()
                }
            }
        }
    }
}

extension CarrierReport {
    /// Reads the record that `reader` has stepped into.
    fileprivate init(yixintong reader: inout JSONReader) throws(Rejection) {
        self.init(customID: "", carrierID: nil, segmentNumber: nil, mobile: "", status: .missing)
        while let name = try reader.nextName() {
            if name.equals("serialNumber") {
                customID = try reader.value().codeText
            } else if name.equals("userNumber") {
                mobile = try reader.value().numberText
            } else if name.equals("result") {
                let value = try reader.value()
                status = Self.status(value)
                if !status.isDelivered { detail = value.wordsText }
            } else {
                try reader.skipValue()
            }
        }
    }

    /// 0 is success. Any other number only says that it failed; a word may be a status of its own.
    private static func status(_ result: WireText) -> DeliveryStatus {
        if let number = result.integer { return number == 0 ? .delivered : .undeliverable }
        return result.isEmpty ? .missing : DeliveryStatus(result.codeText)
    }
}

extension CarrierReply {
    /// Reads the record that `reader` has stepped into.
    fileprivate init(yixintong reader: inout JSONReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        self.init(carrierID: nil, mobile: "", accessNumber: "", content: "")
        while let name = try reader.nextName() {
            if name.equals("callMdn") {
                accessNumber = try reader.value().numberText
            } else if name.equals("content") {
                content = CarrierBounds.content(try reader.value().untrimmedText)
            } else if name.equals("replyTime") {
                receivedAt = times.read(try reader.value())
            } else if name.equals("userNumber") {
                mobile = try reader.value().numberText
            } else {
                try reader.skipValue()
            }
        }
    }
}
