import Messaging
import Store

/// Whose a reply is by the access number that it came to, as a pure rule.
enum ReplyOwner: Equatable {
    /// The account, and what is left of the access number for its own extension.
    case account(AccountKey, customerExtension: String)
    /// Several accounts share the access number: the one that last sent to this handset has it.
    case lastSender(among: Set<AccountKey>, customerExtension: String)
    /// No account has this access number.
    case nobody

    static func find(
        accessNumber: String, channelNumber: String, accounts: some Sequence<(key: AccountKey, accessExtension: String)>
    ) -> ReplyOwner {
        guard accessNumber.hasPrefix(channelNumber) else { return .nobody }
        let rest = accessNumber.dropFirst(channelNumber.count)
        var longest = -1
        var candidates = Set<AccountKey>()
        for account in accounts where rest.hasPrefix(account.accessExtension) {
            let length = account.accessExtension.utf8.count
            if length > longest {
                longest = length
                candidates = []
            }
            if length == longest { candidates.insert(account.key) }
        }
        let customerExtension = String(rest.dropFirst(max(0, longest)))
        if let only = candidates.first, candidates.count == 1 {
            return .account(only, customerExtension: customerExtension)
        }
        return candidates.isEmpty ? .nobody : .lastSender(among: candidates, customerExtension: customerExtension)
    }
}

/// Whose a reply is and which message it answers, as a pure rule: the access number says who it is for, and what really
/// went to the handset lately says whether that can be.
struct AnsweredSending: Equatable {
    var account: AccountKey?
    /// What is left of the access number for the account's own extension.
    var customerExtension: String
    var message: MessageID?

    /// - Parameter sendings: what went to the handset over the channel lately, the latest first.
    init(_ owner: ReplyOwner, accessNumber: String, sendings: [LastSending]) {
        // Somebody wrote to the handset from just this number.
        let exact = sendings.first { $0.accessNumber == accessNumber }
        switch owner {
        case .account(let account, let rest):
            let own = sendings.filter { $0.account == account }
            if let answered = own.first(where: { $0.accessNumber == accessNumber }) ?? own.first {
                self.init(account, rest, answered)
            } else if let exact {
                // The number's owner never wrote to it: a customer's extension looks like another account's.
                self.init(exact.account, exact.customerExtension, exact)
            } else {
                self.init(account, rest, nil)
            }
        case .lastSender(let among, let rest):
            let candidates = sendings.filter { among.contains($0.account) }
            if let answered = candidates.first(where: { $0.accessNumber == accessNumber }) ?? candidates.first {
                self.init(answered.account, rest, answered)
            } else {
                self.init(exact?.account, exact?.customerExtension ?? rest, exact)
            }
        case .nobody:
            let answered = exact ?? sendings.first
            self.init(answered?.account, exact?.customerExtension ?? "", answered)
        }
    }

    private init(_ account: AccountKey?, _ customerExtension: String, _ sending: LastSending?) {
        self.account = account
        self.customerExtension = customerExtension
        message = sending?.message
    }
}
