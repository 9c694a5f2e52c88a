public import Messaging
import Secrets

extension OperatorV2 {
    /// The interface as a client of a carrier: single_send, batch_send and multi_send, get_rpt and get_mo.
    public struct Carrier: CarrierDialect {
        private let user: String
        private let password: String

        /// Takes the channel's user and password; the other settings are not used.
        /// - Throws: never; the protocol allows it.
        public init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) {
            user = endpoint.user
            password = endpoint.password
        }

        /// Up to 1000 numbers with one content, or 100 messages with contents of their own; extensions of at most 6
        /// digits.
        public var limits: CallLimits {
            CallLimits(
                sameContentMax: batchNumbersMax, distinctMax: multiNumbersMax,
                extensions: ExtensionRoom(digitsMax: extensionDigitsMax))
        }

        /// Always: a carrier may push to the callback path what it has not been polled for.
        public var hasPushes: Bool { true }

        /// JSON, with a digest for `context.now`. `confirm` and `token`, which the dialect lacks, give a fetch of
        /// reports.
        public func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            let call: Call =
                switch request {
                case .submit(let call): Self.send(call)
                case .fetch(.polledReplies): .fetchReplies(limit: repliesMax)
                case .fetch, .confirm, .token: .fetchReports(limit: reportsMax)
                }
            return encodeCall(call, login: .digest(userID: user, password: password), at: context.now)
        }

        private static func send(_ call: CarrierCall) -> Call {
            if call.isUniform, call.messages.count > 1 { return .batchSend(call.shared(customID: call.tag(0).text)) }
            let parts = call.messages.indices.map { call.part($0, customID: call.tag($0).text) }
            return parts.count == 1 ? .singleSend(parts[0]) : .multiSend(parts)
        }

        /// -100001, -100002, -100003, -100056, -100057 and -100100 refuse the channel, -100999 is uncertain, all others
        /// refuse the messages (INTERFACE.md, Codes).
        public func outcome(_ body: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            guard let answer = try? SendAnswer(decoding: body) else { return .unreadable }
            switch answer.result {
            case success: return .accepted(answer.firstID == 0 ? nil : .consecutive(from: answer.firstID))
            // Of us or of the carrier, not of a message: credentials, balance, connections, address.
            case -100_001, -100_002, -100_003, -100_056, -100_057, -100_100:
                return .channelRefused(code: String(answer.result))
            // The carrier's own database error says nothing about whether the message is kept.
            case -100_999: return .uncertain(reason: "code -100999")
            default: return .messageRefused(code: String(answer.result))
            }
        }

        /// As `FetchedBody` has it, but an answer whose `result` is no number is kept.
        public func fetched(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) -> FetchedBody {
            switch FetchedBody(body, isSuccess: { Int($0) == success }, fetchHead) {
            // What is no number is no code.
            case .refused(let code): Int(code).map { .refused(String($0)) } ?? .kept
            case let other: other
            }
        }

        /// A push is read as what it begins like: JSON, XML or a form.
        /// - Throws: `malformedJSON`, `malformedXML`; `parameterInvalid` for more than 20,000 entries; of a push also
        ///   `malformedForm`, and `parameterMissing` or `parameterInvalid` where it is unclear what is pushed.
        public func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            switch kind {
            case .polledReports: return InboundItems(reports: try ReportsAnswer(decoding: body).reports)
            case .polledReplies: return InboundItems(replies: try RepliesAnswer(decoding: body).replies)
            case .pushed:
                switch try decodePush(sniffing: body).content {
                case .reports(let reports): return InboundItems(reports: reports)
                case .replies(let replies): return InboundItems(replies: replies)
                }
            }
        }

        /// A push has the channel's own credentials, as a digest or in the clear.
        public func judge(push body: UnsafeRawBufferPointer, at now: Timestamp) -> PushVerdict {
            func verdict(
                _ refusal: String?, _ command: PushCommand = .reports, _ sequence: String = "", result: Int = success
            ) -> PushVerdict {
                PushVerdict(
                    refusal: refusal, answer: encodePushAnswer(command, sequence: sequence, result: result),
                    contentType: BodyFormat.json.answerContentType)
            }
            let push: ReceivedPush
            do throws(Rejection) {
                push = try decodePush(sniffing: body)
            } catch {
                return verdict("\(error)", result: resultCode(for: error))
            }
            do throws(Rejection) {
                if !isPlain(push.credentials) {
                    try Authentication.proveDigest(push.credentials, userID: user, password: password, at: now)
                }
                return verdict(nil, push.command, push.sequence)
            } catch {
                let reason =
                    error == .timestampStale ? "its timestamp is too far from our clock" : "wrong credentials"
                return verdict(reason, push.command, push.sequence, result: resultCode(for: error))
            }
        }

        /// A channel without a password accepts none in the clear.
        private func isPlain(_ credentials: Credentials) -> Bool {
            !password.isEmpty && credentials.userID == user.uppercased()
                && constantTimeEqual(credentials.password, password)
        }
    }
}
