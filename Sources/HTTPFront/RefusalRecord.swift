import Dialects
import Engine
import Messaging

/// What is known of a refused request, and how it is counted and recorded: the one place for all dialects.
struct RefusalRecord {
    let dialect: DialectName
    /// Nil where it could not be read.
    let identity: CustomerIdentity?
    /// Whose it is, once that is proved.
    let entry: AccountEntry?
    let submission: Submission?
    /// The number, or the first of them, where a rule was broken before there was a submission.
    let mobile: String

    /// - Parameters:
    ///   - code: what the customer is answered, as the dialect writes it.
    ///   - address: of the peer, 4 or 16 bytes; empty when it has none.
    func note(_ rejection: Rejection, code: String, from address: [UInt8], _ engine: Engine) {
        engine.counters.refused()
        // An account whose credentials were not right is known by the name only that the request gave.
        let directory = engine.accounts.directory
        var (given, named): (String, AccountEntry?) = ("", nil)
        switch identity {
        case .login(let login), .token(_, let login):
            (given, named) = (login, directory.account(login: login, in: dialect))
        case .clientID(let id): (given, named) = (id, directory.account(clientID: id))
        case .apiKey, nil: break
        }
        let account = (entry ?? named)?.key ?? 0
        let name = account == 0 ? String(given.unicodeScalars.prefix(Self.nameMax)) : ""
        engine.refusals.note(
            Refusal.Key(
                account: account, name: Account.folded(name), dialect: dialect.rawValue, code: code,
                rule: rejection.rule, address: AddressBlock(address).description),
            mobiles: mobiles)
    }

    private static let nameMax = 32

    /// The recipients, as lists distinguish them: in one spelling where they are numbers.
    private var mobiles: [String] {
        guard let submission else { return mobile.isEmpty ? [] : [Self.text(Recipient(mobile))] }
        return submission.parts.flatMap { $0.recipients.map(Self.text) }
    }

    private static func text(_ recipient: Recipient) -> String {
        switch recipient {
        case .number(let number, _): number.text
        case .invalid(let text): text
        }
    }
}
