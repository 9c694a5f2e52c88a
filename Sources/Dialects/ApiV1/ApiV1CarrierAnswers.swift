public import Messaging

extension ApiV1 {
    /// What a carrier answers to a send. Read liberally: a code that is a number, unknown fields.
    public struct SendAnswer: Hashable, Sendable {
        /// `code`, trimmed and at most 64 bytes; never empty after decoding.
        public var code: String
        /// `data.taskId`, at most 64 bytes; empty when missing.
        public var taskID: String
        /// `message`, at most 256 bytes; empty when missing.
        public var message: String

        /// - Parameter code: `00` for success.
        public init(code: String, taskID: String, message: String) {
            self.code = code
            self.taskID = taskID
            self.message = message
        }

        /// Whether the carrier has taken all messages of the call.
        public var isAccepted: Bool { ApiV1.isSuccess(code) }

        /// - Throws: `Rejection.malformedJSON`; also when there is no `code`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            var taskID = ""
            let envelope = try Envelope(body) { (reader: inout JSONReader) throws(Rejection) in
                guard try reader.enterObject() else { return }
                while let name = try reader.nextName() {
                    if name.equals("taskId") {
                        taskID = try reader.value().codeText
                    } else {
                        try reader.skipValue()
                    }
                }
            }
            self.init(code: envelope.code, taskID: taskID, message: envelope.message)
        }
    }

    /// What a carrier answers to a poll for reports.
    public struct ReportsAnswer: Hashable, Sendable {
        /// `code`, trimmed and at most 64 bytes.
        public var code: String
        /// `data` in the carrier's order, each of a whole message; empty where `data` is no list.
        public var reports: [CarrierReport]

        /// - Parameter code: `00` for success.
        public init(code: String, reports: [CarrierReport]) {
            self.code = code
            self.reports = reports
        }

        /// Whether `code` says that the poll was carried out.
        public var isSuccess: Bool { ApiV1.isSuccess(code) }

        /// - Throws: `malformedJSON`, also when there is no `code`; `parameterInvalid` for more than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let (code, records) = try Record.list(body)
            self.init(code: code, reports: records.map(\.report))
        }
    }

    /// What a carrier answers to a poll for replies.
    public struct RepliesAnswer: Hashable, Sendable {
        /// `code`, trimmed and at most 64 bytes.
        public var code: String
        /// `data` in the carrier's order; empty where `data` is no list. `extNo` 0 is read as no extension.
        public var replies: [CarrierReply]

        /// - Parameter code: `00` for success.
        public init(code: String, replies: [CarrierReply]) {
            self.code = code
            self.replies = replies
        }

        /// Whether `code` says that the poll was carried out.
        public var isSuccess: Bool { ApiV1.isSuccess(code) }

        /// - Throws: `malformedJSON`, also when there is no `code`; `parameterInvalid` for more than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let (code, records) = try Record.list(body)
            self.init(code: code, replies: records.map { $0.reply(extensionOfZero: "") })
        }
    }

    /// What a carrier answers to queryBalance.
    public struct BalanceAnswer: Hashable, Sendable {
        /// `code`, trimmed and at most 64 bytes.
        public var code: String
        /// As the carrier writes it: segments or yuan, it does not say which.
        public var balance: String
        /// `payment`: 1 is postpaid, anything else prepaid.
        public var payment: Account.Payment

        /// - Parameter balance: the figure as the carrier writes it.
        public init(code: String, balance: String, payment: Account.Payment) {
            self.code = code
            self.balance = balance
            self.payment = payment
        }

        /// - Throws: `malformedJSON`, also when there is no `code`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            var (balance, payment) = ("", Account.Payment.prepaid)
            let envelope = try Envelope(body) { (reader: inout JSONReader) throws(Rejection) in
                guard try reader.enterObject() else { return }
                while let name = try reader.nextName() {
                    if name.equals("balance") {
                        balance = try reader.value().codeText
                    } else if name.equals("payment") {
                        payment = try reader.value().integer == 1 ? .postpaid : .prepaid
                    } else {
                        try reader.skipValue()
                    }
                }
            }
            self.init(code: envelope.code, balance: balance, payment: payment)
        }
    }

    /// Whether a code is `00`, or another run of zeros: a code written as a number has only one.
    public static func isSuccess(_ code: String) -> Bool { !code.isEmpty && code.utf8.allSatisfy { $0 == 0x30 } }

    /// What all answers have around their data.
    private struct Envelope {
        var code = ""
        var message = ""

        init(
            _ body: UnsafeRawBufferPointer, data: (inout JSONReader) throws(Rejection) -> Void
        ) throws(Rejection) {
            var reader = JSONReader(WireBytes(body), replacesHalves: true)
            try reader.enterRecord()
            while let name = try reader.nextName() {
                if name.equals("code") {
                    code = try reader.value().codeText
                } else if name.equals("message") {
                    message = try reader.value().wordsText
                } else if name.equals("data") {
                    try data(&reader)
                } else {
                    try reader.skipValue()
                }
            }
            try reader.finish()
            guard !code.isEmpty else { throw .malformedJSON }
        }
    }

    /// An entry of a list, or a push: report and reply share most of their fields.
    struct Record {
        private var sendID = ""
        private var mobile = ""
        private var content = ""
        private var accessExtension = ""
        private var status: DeliveryStatus?
        private var time: Timestamp?
        private(set) var isReply = false

        var isReport: Bool { status != nil }
        var hasSendID: Bool { !sendID.isEmpty }

        /// Reads the record that `reader` has stepped into.
        init(_ reader: inout JSONReader, _ times: inout ChinaTimeReader) throws(Rejection) {
            while let name = try reader.nextName() {
                if name.equals("sendId") {
                    sendID = try reader.value().codeText
                } else if name.equals("mobile") {
                    mobile = try reader.value().numberText
                } else if name.equals("times") {
                    time = times.read(try reader.value())
                } else if name.equals("status") {
                    status = Self.status(try reader.value().codeText)
                } else if name.equals("content") {
                    content = CarrierBounds.content(try reader.value().untrimmedText)
                    isReply = true
                } else if name.equals("extNo") {
                    accessExtension = try reader.value().numberText
                } else {
                    try reader.skipValue()
                }
            }
        }

        /// The list that is an answer's data; none where the data is anything else.
        static func list(_ body: UnsafeRawBufferPointer) throws(Rejection) -> (code: String, records: [Record]) {
            var records: [Record] = []
            let envelope = try Envelope(body) { (reader: inout JSONReader) throws(Rejection) in
                guard case .entered = try reader.enterList() else { return }
                var times = ChinaTimeReader()
                while try reader.nextItem() {
                    try CarrierBounds.check(records.count)
                    records.append(try Record(&reader, &times))
                }
            }
            return (envelope.code, records)
        }

        /// Success is spelled DELIVER in polls and DELIVRD in pushes: both are taken in both.
        private static func status(_ text: String) -> DeliveryStatus {
            if text.isEmpty { return .missing }
            let status = DeliveryStatus(text)
            return status.code == "DELIVER" ? .delivered : status
        }

        var report: CarrierReport {
            CarrierReport(
                customID: sendID, carrierID: nil, segmentNumber: nil, mobile: mobile, status: status ?? .missing,
                reportedAt: time)
        }

        /// - Parameter extensionOfZero: what 0 means: in a poll, where it is a number, no extension at all.
        func reply(extensionOfZero: String) -> CarrierReply {
            CarrierReply(
                carrierID: nil, mobile: mobile, accessNumber: "", content: content, receivedAt: time,
                accessExtension: accessExtension == "0" ? extensionOfZero : accessExtension)
        }
    }
}
