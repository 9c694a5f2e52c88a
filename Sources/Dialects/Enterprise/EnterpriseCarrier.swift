public import Messaging

extension Enterprise {
    /// The interface as a client of a carrier, in the mode that the channel's dialect names.
    public struct Carrier: CarrierDialect {
        private let endpoint: ChannelEndpoint
        /// True in token mode, false in plain mode.
        public let needsToken: Bool

        /// - Throws: `CarrierFailure` where the user is missing; in token mode where client id or secret is, in plain
        ///   mode where the enterprise id is; and where user or enterprise id has anything but visible ASCII
        ///   characters.
        public init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) {
            self.endpoint = endpoint
            needsToken = endpoint.dialect != DialectName.enterpriseJSON.rawValue
            if needsToken, endpoint.clientID.isEmpty || endpoint.clientSecret.isEmpty {
                throw CarrierFailure(
                    "\(DialectName.enterpriseOAuth2.rawValue) needs our client_id and client_secret there: "
                        + "give them with --client-id and --client-secret")
            }
            try Self.check(endpoint.user, "account", option: "user")
            if !needsToken { try Self.check(endpoint.enterpriseID, "userid", option: "enterprise-id") }
        }

        /// Checks that a text may be a header field: visible ASCII characters only.
        private static func check(_ text: String, _ name: String, option: String) throws(CarrierFailure) {
            if text.isEmpty { throw CarrierFailure("this dialect needs our \(name) there: give it with --\(option)") }
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw CarrierFailure("the \(name) must be of visible ASCII characters")
            }
        }

        /// Up to 1000 numbers with one content; different contents go out one by one.
        public var limits: CallLimits {
            CallLimits(
                sameContentMax: numbersMax, distinctMax: 1, extensions: ExtensionRoom(digitsMax: extensionDigitsMax))
        }

        /// `10` in both modes; in plain mode there is no token to renew.
        public var tokenRefusal: String? { String(ResultCode.tokenWrong.rawValue) }

        /// Credentials are header fields, those of a token request are in its body. `confirm`, which the dialect lacks,
        /// gives a fetch of reports.
        public func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            let (user, password) = (endpoint.user, endpoint.password)
            var login: Login =
                needsToken
                ? .signed(token: context.token, account: user, password: password)
                : .plain(enterpriseID: endpoint.enterpriseID, account: user, password: password)
            let call: Call
            switch request {
            case .submit(let submitted): call = .send(submitted.shared(customID: submitted.tag(0).text))
            case .fetch(.polledReplies): call = .fetchReplies(limit: entriesMax)
            case .fetch, .confirm: call = .fetchReports(limit: entriesMax)
            case .token:
                call = .token
                login = .client(id: endpoint.clientID, secret: endpoint.clientSecret)
            }
            return encodeCall(call, login: login, at: context.now)
        }

        /// What is said of each number counts more than `code`; an unknown code without numbers is uncertain
        /// (INTERFACE.md, Towards a carrier).
        public func outcome(_ body: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            guard let answer = try? SendAnswer(decoding: body) else { return .unreadable }
            // A number that was taken is taken, whatever is said of the whole.
            if answer.entries.contains(where: \.isAccepted) { return Self.accepted(answer, of: call) }
            switch Int(answer.code).flatMap(ResultCode.init) {
            case .success: return Self.accepted(answer, of: call)
            // With a wrong token nothing was taken; the message comes again with a new one. The code may have leading
            // zeros.
            case .tokenWrong: return .channelRefused(code: String(ResultCode.tokenWrong.rawValue))
            case .credentialsMissing, .credentialsWrong, .notAllowed, .balanceInsufficient, .tooFrequent:
                return .channelRefused(code: answer.code)
            // The carrier's internal error does not say whether the message is kept.
            case .internalError: return .uncertain(reason: "code \(answer.code)")
            case .parameterWrong, .tooManyNumbers, .contentLength, .rejected:
                return .messageRefused(code: answer.code)
            // Codes are each carrier's own: one that we do not know is a refusal only where every number is said to be.
            case nil:
                return answer.entries.isEmpty
                    ? .uncertain(reason: "code \(answer.code)") : .messageRefused(code: answer.code)
            }
        }

        /// The call was taken, but each number has its own result. No report will come of those that are refused.
        private static func accepted(_ answer: SendAnswer, of call: CarrierCall) -> SubmitOutcome {
            let refused = answer.entries.filter { !$0.isAccepted }
            if let first = refused.first, refused.count == answer.entries.count {
                return .messageRefused(code: first.words.isEmpty ? "Faild" : first.words)
            }
            var words: [Int: String] = [:]
            for entry in refused {
                guard let number = PhoneNumber(entry.mobile) else { continue }
                // A call has one content, so no number comes twice.
                if let place = call.messages.firstIndex(where: { $0.mobile == number }) { words[place] = entry.words }
            }
            return .accepted(answer.taskID.isEmpty ? nil : .shared(answer.taskID), refused: words)
        }

        /// `error` 0 is a success, and so is a list without `error`; see `FetchedBody`.
        public func fetched(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) -> FetchedBody {
            FetchedBody(body, isSuccess: { $0 == "0" }, fetchHead)
        }

        /// Everything but `polledReplies` is read as reports.
        /// - Throws: `malformedJSON`; `parameterInvalid` for more than 20,000 entries.
        public func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            kind == .polledReplies
                ? InboundItems(replies: try RepliesAnswer(decoding: body).replies)
                : InboundItems(reports: try ReportsAnswer(decoding: body).reports)
        }

        /// - Throws: `malformedJSON` when the answer is no JSON object.
        public func token(_ answer: UnsafeRawBufferPointer) throws(Rejection) -> CarrierToken {
            let answer = try TokenAnswer(decoding: answer)
            return CarrierToken(text: answer.token, seconds: answer.seconds, error: answer.error)
        }
    }
}
