public import Messaging

extension OperatorV2 {
    /// What a carrier answers to a send (seed 002 §2.1.6). Read liberally: JSON or XML, whichever it is; numbers as
    /// texts; `custid` without quotes, as the sample of §2.3.8 has it; unknown fields.
    public struct SendAnswer: Hashable, Sendable {
        /// 0 is success.
        public var result: Int
        /// Of the first recipient. Above 2⁶³ it wraps to negative, as in the carrier's Java.
        public var firstID: Int64
        public var customID: String

        public init(result: Int, firstID: Int64, customID: String) {
            self.result = result
            self.firstID = firstID
            self.customID = customID
        }

        /// - Throws: `Rejection.malformedJSON` or `.malformedXML`; also when there is no `result`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, firstID: fields.messageID, customID: fields.customID)
        }
    }

    /// What a carrier answers to get_rpt (seed 002 §2.5.6).
    public struct ReportsAnswer: Hashable, Sendable {
        public var result: Int
        public var reports: [CarrierReport]

        public init(result: Int, reports: [CarrierReport]) {
            self.result = result
            self.reports = reports
        }

        /// - Throws: as `SendAnswer`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, reports: fields.reports)
        }
    }

    /// What a carrier answers to get_mo (seed 002 §2.4.6).
    public struct RepliesAnswer: Hashable, Sendable {
        public var result: Int
        public var replies: [CarrierReply]

        public init(result: Int, replies: [CarrierReply]) {
            self.result = result
            self.replies = replies
        }

        /// - Throws: as `SendAnswer`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(result: fields.result, replies: fields.replies)
        }
    }

    /// What a carrier answers to get_balance (seed 002 §2.6.6).
    public struct BalanceAnswer: Hashable, Sendable {
        public var result: Int
        /// 0 by count, 1 by money; carriers of the family know a 2 as well.
        public var chargeType: Int
        /// Segments.
        public var balance: Int64
        public var money: Money

        public init(result: Int, chargeType: Int, balance: Int64, money: Money) {
            self.result = result
            self.chargeType = chargeType
            self.balance = balance
            self.money = money
        }

        /// - Throws: as `SendAnswer`.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            let fields = try AnswerFields(body)
            self.init(
                result: fields.result, chargeType: fields.chargeType, balance: fields.balance, money: fields.money)
        }
    }
}
