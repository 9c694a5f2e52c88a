import Dialects
import Engine
import Messaging

/// A carrier of dialect 003 (seed 003): submitJson. It has no polls: reports and replies are pushed to us.
struct GuoduLink: CarrierLink {
    static let dialect = DialectName.guodu.rawValue

    let post: CarrierPost
    let operatorID: String
    let password: String

    /// A call has one AppendID and one MsgId; its reports tell its messages apart by their numbers.
    var limits: CallLimits {
        CallLimits(
            sameContentMax: Guodu.numbersMax, distinctMax: Guodu.numbersMax, repeatsNumbers: false,
            sharesExtension: true, durationMax: post.durationMax,
            extensions: ExtensionRoom(digitsMax: Guodu.extensionDigitsMax))
    }

    var polls: [InboundKind] { [] }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        guard let first = call.messages.first else { return .notSent(reason: "nothing to send") }
        let isShared = call.isUniform || call.messages.allSatisfy { $0.content == first.content }
        let wanted: Guodu.Call
        if isShared {
            wanted = .shared(part(first, call.messages.map { .number($0.mobile) }))
        } else {
            wanted = .personalised(call.messages.map { part($0, [.number($0.mobile)]) })
        }
        let body = Guodu.encodeCall(wanted, operatorID: operatorID, password: password)
        do {
            return outcome(try await post.send(path: Guodu.path, contentType: Guodu.contentType, body: body))
        } catch {
            return error.outcome
        }
    }

    private func part(_ message: OutgoingMessage, _ recipients: [Recipient]) -> Submission.Part {
        return Submission.Part(
            recipients: recipients, content: message.content, accessExtension: message.accessExtension)
    }

    private func outcome(_ body: [UInt8]) -> SubmitOutcome {
        let answer: Guodu.SendAnswer
        do {
            answer = try body.withUnsafeBytes { raw in Result { try Guodu.SendAnswer(decoding: raw) } }.get()
        } catch {
            return .uncertain(reason: "the answer cannot be read")
        }
        if answer.isAccepted { return .accepted(answer.messageID.isEmpty ? nil : .shared(answer.messageID)) }
        switch answer.code {
        case let code where Self.channelCodes.contains(code): return .channelRefused(code: code)
        // "Submission failed": it does not say when, nor whether anything is kept.
        case "-1": return .uncertain(reason: "code -1")
        case let code: return .messageRefused(code: code)
        }
    }

    /// Codes that speak of us or of the carrier, not of a message: address, user, password, balance, busy.
    private static let channelCodes: Set<String> = ["02", "04", "05", "11", Guodu.busy]

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }

    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        do {
            let push = try body.withUnsafeBytes { try Guodu.decodePush($0) }
            return InboundItems(reports: push.reports, replies: push.replies)
        } catch {
            throw CarrierFailure("\(error)")
        }
    }

    func close() async {}
}
