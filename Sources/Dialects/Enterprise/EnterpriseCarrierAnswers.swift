public import Messaging

extension Enterprise {
    /// What a carrier answers to a token request.
    public struct TokenAnswer: Hashable, Sendable {
        /// Empty when there is none.
        public var token: String
        /// How long it is good for, in seconds; nil when the carrier does not say.
        public var seconds: Int64?
        /// `error`; empty on success.
        public var error: String

        /// - Parameter seconds: the token's lifetime; nil when the carrier does not say.
        public init(token: String, seconds: Int64?, error: String = "") {
            self.token = token
            self.seconds = seconds
            self.error = error
        }

        /// - Throws: `Rejection.malformedJSON`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            self.init(token: "", seconds: nil)
            var reader = JSONReader(ofCarrier: WireBytes(body))
            var status = ""
            try reader.enterRecord()
            while let name = try reader.nextName() {
                if name.equals("access_token") {
                    token = try reader.value().trimmedText
                } else if name.equals("expires_in") {
                    seconds = try reader.value().integer
                } else if name.equals("error") {
                    error = try reader.value().codeText
                } else if name.equals("status") {
                    status = try reader.value().codeText
                } else {
                    try reader.skipValue()
                }
            }
            try reader.finish()
            if token.isEmpty, error.isEmpty { error = "status \(status)" }
        }
    }

    /// What a carrier answers to a send.
    public struct SendAnswer: Hashable, Sendable {
        /// `0` is success.
        public var code: String
        /// Names the whole call; empty when missing.
        public var taskID: String
        /// `messages`, in the carrier's order; empty when missing.
        public var entries: [Entry]
        /// Segments that can still be sent; nil when missing.
        public var remaining: Int64?

        /// What is said of one number.
        public struct Entry: Hashable, Sendable {
            /// `message`, at most 256 bytes.
            public var words: String
            /// `mobile` as the carrier writes it, at most 32 bytes.
            public var mobile: String
            /// Whether `returnstatus` is `Success`, in any case.
            public var isAccepted: Bool
            /// `smsid`, at most 64 bytes; empty when missing.
            public var customID: String

            /// - Parameter words: why the number was refused, or what is said of its success.
            public init(words: String, mobile: String, isAccepted: Bool, customID: String) {
                self.words = words
                self.mobile = mobile
                self.isAccepted = isAccepted
                self.customID = customID
            }
        }

        /// - Parameter remaining: segments that can still be sent.
        public init(code: String, taskID: String, entries: [Entry] = [], remaining: Int64? = nil) {
            self.code = code
            self.taskID = taskID
            self.entries = entries
            self.remaining = remaining
        }

        /// - Throws: `malformedJSON`, also when there is no `code`; `parameterInvalid` for more than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            self.init(code: "", taskID: "")
            var reader = JSONReader(ofCarrier: WireBytes(body))
            try reader.enterRecord()
            while let name = try reader.nextName() {
                if name.equals("code") {
                    code = try reader.value().codeText
                } else if name.equals("taskID") || name.equals("taskid") {
                    taskID = try reader.value().codeText
                } else if name.equals("remainpoint") {
                    remaining = try reader.value().integer
                } else if name.equals("messages") {
                    entries = try EntryRecord.list(&reader).map(\.entry)
                } else {
                    try reader.skipValue()
                }
            }
            try reader.finish()
            if code.isEmpty { throw .malformedJSON }
        }
    }

    /// What a carrier answers to a fetch of reports.
    public struct ReportsAnswer: Hashable, Sendable {
        /// `0` is success.
        public var error: String
        /// `returnsms`, in the carrier's order, each of a whole message.
        public var reports: [CarrierReport]

        /// - Parameter error: `0` for success.
        public init(error: String, reports: [CarrierReport]) {
            self.error = error
            self.reports = reports
        }

        /// - Throws: `malformedJSON`, also when there is neither `error` nor a list; `parameterInvalid` for more than
        ///   20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let answer = try ListAnswer<ReportRecord>(body, list: "returnsms")
            self.init(error: answer.error, reports: answer.records.map(\.report))
        }
    }

    /// What a carrier answers to a fetch of replies. Of their access number they tell what follows our own.
    public struct RepliesAnswer: Hashable, Sendable {
        /// `0` is success.
        public var error: String
        /// `callbox`, in the carrier's order.
        public var replies: [CarrierReply]

        /// - Parameter error: `0` for success.
        public init(error: String, replies: [CarrierReply]) {
            self.error = error
            self.replies = replies
        }

        /// - Throws: the same as `ReportsAnswer.init(decoding:)`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let answer = try ListAnswer<ReplyRecord>(body, list: "callbox")
            self.init(error: answer.error, replies: answer.records.map(\.reply))
        }
    }
}

private struct ListAnswer<Record: CarrierRecord> {
    var error = ""
    var records: [Record] = []

    init(_ body: UnsafeRawBufferPointer, list: StaticString) throws(Rejection) {
        var reader = JSONReader(ofCarrier: WireBytes(body))
        var hasList = false
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if name.equals("error") {
                error = try reader.value().codeText
            } else if name.equals(list) {
                records = try Record.list(&reader)
                hasList = true
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
        if error.isEmpty {
            guard hasList else { throw .malformedJSON }
            error = "0"
        }
    }
}

/// An entry of `messages`.
private struct EntryRecord: CarrierRecord {
    var entry = Enterprise.SendAnswer.Entry(words: "", mobile: "", isAccepted: false, customID: "")

    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        while let name = try reader.nextName() {
            if name.equals("message") {
                entry.words = try reader.value().wordsText
            } else if name.equals("mobile") {
                entry.mobile = try reader.value().numberText
            } else if name.equals("returnstatus") {
                entry.isAccepted = try reader.value().codeText.lowercased() == "success"
            } else if name.equals("smsid") {
                entry.customID = try reader.value().codeText
            } else {
                try reader.skipValue()
            }
        }
    }
}

/// An entry of `returnsms`.
private struct ReportRecord: CarrierRecord {
    var report = CarrierReport(customID: "", carrierID: nil, segmentNumber: nil, mobile: "", status: .missing)

    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        var state: Int64?
        var code = ""
        while let name = try reader.nextName() {
            if name.equals("mobile") {
                report.mobile = try reader.value().numberText
            } else if name.equals("status") {
                state = try reader.value().integer
            } else if name.equals("receivetime") {
                report.reportedAt = times.read(try reader.value())
            } else if name.equals("errorcode") {
                code = try reader.value().codeText
            } else if name.equals("smsid") {
                report.customID = try reader.value().codeText
            } else if name.equals("taskid") || name.equals("taskID") {
                let key = try reader.value().codeText
                report.carrierKey = key.isEmpty ? nil : key
            } else {
                try reader.skipValue()
            }
        }
        report.status = Self.status(state, code)
    }

    /// `status` decides between delivered (10) and failed (20), `errorcode` says how it failed. Where both are missing,
    /// nothing is said of the message.
    private static func status(_ state: Int64?, _ code: String) -> DeliveryStatus {
        let named = code.isEmpty ? nil : DeliveryStatus(code)
        switch state {
        case 10: return .delivered
        case 20: return named.flatMap { $0.isDelivered || !$0.isFinal ? nil : $0 } ?? .undeliverable
        case nil: return named ?? .missing
        default: return named ?? .unknown
        }
    }
}

/// An entry of `callbox`.
private struct ReplyRecord: CarrierRecord {
    var reply = CarrierReply(carrierID: nil, mobile: "", accessNumber: "", content: "")

    init(_ reader: inout some FieldReader, _ times: inout ChinaTimeReader) throws(Rejection) {
        while let name = try reader.nextName() {
            if name.equals("mobile") {
                reply.mobile = try reader.value().numberText
            } else if name.equals("taskid") {
                reply.carrierID = try reader.value().integer
            } else if name.equals("content") {
                reply.content = CarrierBounds.content(try reader.value().untrimmedText)
            } else if name.equals("receivetime") {
                reply.receivedAt = times.read(try reader.value())
            } else if name.equals("extno") {
                reply.accessExtension = try reader.value().numberText
            } else {
                try reader.skipValue()
            }
        }
    }
}
