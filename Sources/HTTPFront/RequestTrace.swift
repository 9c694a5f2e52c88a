import Engine
import Messaging

/// What is known of a request, for the record if it is refused.
struct RequestTrace {
    let dialect: DialectName
    /// The name that it gave; nil before that is known, and where an API key stood in its place.
    var login: String?
    /// Dialect 000: the client that asked for a token; nil for anything else.
    var clientID: String?
    /// Whose it is, once that is proved.
    var entry: AccountEntry?
    var submission: Submission?
    /// The number, or the first of them, where a rule was broken before there was a submission.
    var mobile = ""

    init(_ dialect: DialectName) {
        self.dialect = dialect
    }

    /// Whom it is for, as they are told apart in lists: in one spelling where they are numbers.
    var mobiles: [String] {
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
