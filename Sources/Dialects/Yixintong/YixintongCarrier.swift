public import Messaging

extension Yixintong {
    /// The interface as a client of a carrier: send, report, reply query and its confirmation.
    public struct Carrier: CarrierDialect {
        private let login: Login

        /// Takes the channel's sp code, user (`x-app-key`) and password (the app secret).
        /// - Throws: `CarrierFailure` when the sp code is missing.
        public init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) {
            guard !endpoint.spCode.isEmpty else {
                throw CarrierFailure("yixintong needs our x-sp-code there: give it with --sp-code")
            }
            login = Login(spCode: endpoint.spCode, appKey: endpoint.user, appSecret: endpoint.password)
        }

        /// One content in a call; different ones go out one by one.
        public var limits: CallLimits {
            CallLimits(
                sameContentMax: numbersMax, distinctMax: 1, extensions: ExtensionRoom(digitsMax: extensionDigitsMax))
        }

        /// Signed; the request id is made of `context.now` and `context.number`. `token`, which the dialect lacks,
        /// gives a fetch of reports.
        public func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            let call: Call =
                switch request {
                case .submit(let call): .send(Send(part: call.shared(customID: call.uniqueTag(0).digits)))
                case .fetch(.polledReplies): .fetchReplies
                case .fetch, .token: .fetchReports
                case .confirm(let maxID): .confirmReplies(maxID: maxID)
                }
            return encodeCall(
                call, login: login, requestID: RequestID.text(at: context.now, number: context.number))
        }

        /// Codes 2, 3, 5, 11, 13, 35 and 507 refuse the channel, 15 and 20 are uncertain, all others refuse the
        /// messages (INTERFACE.md, Codes).
        public func outcome(_ body: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            guard let code = Self.code(body) else { return .unreadable }
            switch ResultCode(rawValue: code) {
            // Reports name our own serialNumber and nothing of the carrier's.
            case .success: return .accepted(nil)
            case .accountInvalid, .credentialsWrong, .addressNotAllowed, .tooFrequent, .insufficientBalance,
                .signatureWrong, .requestTooOld:
                return .channelRefused(code: String(code))
            // The carrier has one of this number, or does not say what became of it.
            case .serialRepeated, .failed: return .uncertain(reason: "code \(code)")
            default: return .messageRefused(code: String(code))
            }
        }

        private static func code(_ body: UnsafeRawBufferPointer) -> Int? { try? SendAnswer(decoding: body).code }

        /// Of replies, what cannot be read is left with the carrier, which forgets nothing until it is confirmed.
        public func fetched(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) -> FetchedBody {
            if kind == .polledReplies {
                guard let answer = try? RepliesAnswer(decoding: body) else { return .unreadable }
                if answer.code == ResultCode.noData.rawValue { return .nothing }
                if answer.code != 0 { return .refused(String(answer.code)) }
                return answer.replies.isEmpty ? .nothing : .kept
            }
            switch FetchedBody(body, isSuccess: { Int($0) == 0 }, fetchHead) {
            case .refused(let code):
                // What is no number is no code.
                guard let number = Int(code) else { return .kept }
                return number == ResultCode.noData.rawValue ? .nothing : .refused(String(number))
            case let other: return other
            }
        }

        /// Everything but `polledReplies` is read as reports.
        /// - Throws: `malformedJSON`; `parameterInvalid` for more than 20,000 entries.
        public func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            kind == .polledReplies
                ? InboundItems(replies: try RepliesAnswer(decoding: body).replies)
                : InboundItems(reports: try ReportsAnswer(decoding: body).reports)
        }

        /// `maxId` of a query of replies, verbatim; nil for reports, and where there is no `maxId`.
        public func confirmation(of kind: InboundKind, _ body: UnsafeRawBufferPointer) -> String? {
            guard kind == .polledReplies, let answer = try? RepliesAnswer(decoding: body) else { return nil }
            return answer.maxID.isEmpty ? nil : answer.maxID
        }

        /// Whether `code` is 0.
        public func isConfirmed(_ answer: UnsafeRawBufferPointer) -> Bool { Self.code(answer) == 0 }
    }
}
