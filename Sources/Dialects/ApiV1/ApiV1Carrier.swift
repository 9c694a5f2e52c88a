public import Messaging

extension ApiV1 {
    /// The interface as a client of a carrier: send, and both polls; what it pushes instead is read too.
    public struct Carrier: CarrierDialect {
        private let account: String
        private let password: String

        /// Takes the channel's user and password; the other settings are not used.
        /// - Throws: never; the protocol allows it.
        public init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) {
            account = endpoint.user
            password = endpoint.password
        }

        /// One content a call: the dialect has no other send.
        public var limits: CallLimits {
            CallLimits(
                sameContentMax: numbersMax, distinctMax: 1,
                extensions: ExtensionRoom(digitsMax: extensionDigitsMax, isInteger: true))
        }

        /// Always: a carrier may push to the callback path what it has not been polled for.
        public var hasPushes: Bool { true }

        /// A form by POST. Each submission has a `taskId` of its own; `confirm` and `token`, which the dialect lacks,
        /// give a poll for reports.
        public func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            let call: Call =
                switch request {
                // Never the same taskId twice: the carrier takes each once, also when a message comes a second time.
                case .submit(let call): .send(call.shared(customID: call.uniqueTag(0).text))
                case .fetch(.polledReplies): .fetchReplies
                case .fetch, .confirm, .token: .fetchReports
                }
            return encodeCall(call, account: account, password: password)
        }

        /// Codes 02, 03, 04, 08 and 09 refuse the channel, 07 and 99 are uncertain, all others refuse the messages
        /// (INTERFACE.md, Codes).
        public func outcome(_ body: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            guard let answer = try? SendAnswer(decoding: body) else { return .unreadable }
            if answer.isAccepted { return .accepted(nil) }
            switch answer.code {
            // Of us or of the carrier, not of a message: credentials, address, balance, state, frequency.
            case "02", "03", "04", "08", "09": return .channelRefused(code: answer.code)
            // The carrier's internal error does not say whether the message is kept; and a taskId that it knows came
            // from us, so that it has the message.
            case "99", "07": return .uncertain(reason: "code \(answer.code)")
            default: return .messageRefused(code: answer.code)
            }
        }

        /// Any `code` of zeros only is a success; see `FetchedBody`.
        public func fetched(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) -> FetchedBody {
            FetchedBody(body, isSuccess: isSuccess, fetchHead)
        }

        /// Of a push, its fields say whether an entry is a report or a reply.
        /// - Throws: `malformedJSON`; `parameterInvalid` for more than 20,000 entries; of a push `parameterMissing` for
        ///   an entry that is neither report nor reply.
        public func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            switch kind {
            case .polledReports: return InboundItems(reports: try ReportsAnswer(decoding: body).reports)
            case .polledReplies: return InboundItems(replies: try RepliesAnswer(decoding: body).replies)
            case .pushed:
                let push = try decodePush(body)
                return InboundItems(reports: push.reports, replies: push.replies)
            }
        }

        /// A push has no credentials but the channel's callback path; the status of the answer decides.
        public func judge(push body: UnsafeRawBufferPointer, at now: Timestamp) -> PushVerdict {
            do throws(Rejection) {
                _ = try decodePush(body)
                return PushVerdict(answer: encodePushAnswer(), contentType: answerContentType)
            } catch {
                return PushVerdict(
                    refusal: "\(error)", status: 400, answer: encodePushAnswer(error), contentType: answerContentType)
            }
        }
    }
}
