public import Messaging

extension OperatorV2 {
    /// What a carrier answers to a send. Read liberally: JSON or XML, whichever it is; numbers as
    /// texts; `custid` without quotes, as a sample of the document has it; unknown fields.
    public struct SendAnswer: Hashable, Sendable {
        /// 0 is success.
        public var result: Int
        /// Of the first recipient. Above 2⁶³ it wraps to negative, as in the carrier's Java.
        public var firstID: Int64
        /// `custid`, at most 64 bytes; empty when missing.
        public var customID: String

        /// - Parameter firstID: 0 where the carrier gives none.
        public init(result: Int, firstID: Int64, customID: String) {
            self.result = result
            self.firstID = firstID
            self.customID = customID
        }

        /// - Throws: `malformedJSON` or `malformedXML`, also when there is no `result`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, firstID: fields.messageID, customID: fields.customID)
        }
    }

    /// What a carrier answers to get_rpt.
    public struct ReportsAnswer: Hashable, Sendable {
        /// 0 is success.
        public var result: Int
        /// `rpts`, in the carrier's order, one a segment; empty when missing.
        public var reports: [CarrierReport]

        /// - Parameter result: 0 for success.
        public init(result: Int, reports: [CarrierReport]) {
            self.result = result
            self.reports = reports
        }

        /// - Throws: `malformedJSON` or `malformedXML`, also when there is no `result`; `parameterInvalid` for more
        ///   than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, reports: fields.reports)
        }
    }

    /// What a carrier answers to get_mo.
    public struct RepliesAnswer: Hashable, Sendable {
        /// 0 is success.
        public var result: Int
        /// `mos`, in the carrier's order; empty when missing.
        public var replies: [CarrierReply]

        /// - Parameter result: 0 for success.
        public init(result: Int, replies: [CarrierReply]) {
            self.result = result
            self.replies = replies
        }

        /// - Throws: `malformedJSON` or `malformedXML`, also when there is no `result`; `parameterInvalid` for more
        ///   than 20,000 entries.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, replies: fields.replies)
        }
    }

    /// What a carrier answers to get_balance.
    public struct BalanceAnswer: Hashable, Sendable {
        /// 0 is success.
        public var result: Int
        /// 0 by count, 1 by money; carriers of the family know a 2 as well.
        public var chargeType: Int
        /// Segments.
        public var balance: Int64
        /// `money`, in yuan on the wire; zero when it is missing or no amount.
        public var money: Money

        /// - Parameter balance: segments.
        public init(result: Int, chargeType: Int, balance: Int64, money: Money) {
            self.result = result
            self.chargeType = chargeType
            self.balance = balance
            self.money = money
        }

        /// - Throws: `malformedJSON` or `malformedXML`, also when there is no `result`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(
                result: fields.result, chargeType: fields.chargeType, balance: fields.balance, money: fields.money)
        }
    }
}
