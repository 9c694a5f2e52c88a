public import Messaging

extension Guodu {
    /// The interface as a client of a carrier: submitJson. It has no polls: reports and replies are pushed.
    public struct Carrier: CarrierDialect {
        private let operatorID: String
        private let password: String

        /// Takes the channel's user and password; the other settings are not used.
        /// - Throws: never; the protocol allows it.
        public init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) {
            operatorID = endpoint.user
            password = endpoint.password
        }

        /// A call has one AppendID and one MsgId; its reports tell its messages apart by their numbers.
        public var limits: CallLimits {
            CallLimits(
                sameContentMax: numbersMax, distinctMax: numbersMax, repeatsNumbers: false, sharesExtension: true,
                extensions: ExtensionRoom(digitsMax: extensionDigitsMax))
        }

        /// None: the dialect has no polls.
        public var polls: [InboundKind] { [] }
        /// Always: reports and replies come by push only.
        public var hasPushes: Bool { true }

        /// Contents that are all the same go as one text, others as a text for each number. Requests other than
        /// `submit` do not occur; they would give a call without numbers.
        public func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            var wanted = Call.personalised([])
            if case .submit(let call) = request {
                let first = call.messages.first?.content
                let isShared = call.isUniform || call.messages.allSatisfy { $0.content == first }
                wanted = isShared ? .shared(call.shared()) : .personalised(call.messages.indices.map { call.part($0) })
            }
            return EncodedRequest(
                path: path, contentType: contentType,
                body: encodeCall(wanted, operatorID: operatorID, password: password))
        }

        /// Codes 02, 04, 05, 11 and 12 refuse the channel, -1 is uncertain, all others refuse the messages
        /// (INTERFACE.md, Codes).
        public func outcome(_ body: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            guard let answer = try? SendAnswer(decoding: body) else { return .unreadable }
            if answer.isAccepted { return .accepted(answer.messageID.isEmpty ? nil : .shared(answer.messageID)) }
            switch answer.code {
            // Of us or of the carrier, not of a message: address, user, password, balance, busy.
            case "02", "04", "05", "11", busy: return .channelRefused(code: answer.code)
            // "Submission failed": it does not say when, nor whether anything is kept.
            case "-1": return .uncertain(reason: "code -1")
            default: return .messageRefused(code: answer.code)
            }
        }

        /// `nothing`: nothing is fetched in this dialect.
        public func fetched(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) -> FetchedBody { .nothing }

        /// Reads a push, whatever `kind` is.
        /// - Throws: `malformedJSON`; `parameterMissing` for an entry that is neither report nor reply;
        ///   `parameterInvalid` for more than 20,000 entries.
        public func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            let push = try decodePush(body)
            return InboundItems(reports: push.reports, replies: push.replies)
        }

        /// A push has no credentials but the channel's callback path; the status of the answer decides.
        public func judge(push body: UnsafeRawBufferPointer, at now: Timestamp) -> PushVerdict {
            do throws(Rejection) {
                _ = try decodePush(body)
                return PushVerdict(answer: encodePushAnswer(), contentType: contentType)
            } catch {
                return PushVerdict(
                    refusal: "\(error)", status: 400, answer: encodePushAnswer(error), contentType: contentType)
            }
        }
    }
}
