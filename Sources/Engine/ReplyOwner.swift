import Messaging

/// Whose a reply is, as a pure rule (WIRE.md "Replies find their owner").
enum ReplyOwner: Equatable {
    /// The account, and what is left of the access number for its own extension.
    case account(Int64, customerExtension: String)
    /// Several accounts share the access number: the one that last sent to this handset has it.
    case lastSender(among: Set<Int64>, customerExtension: String)
    case nobody

    static func find(
        accessNumber: String, channelNumber: String, accounts: some Sequence<(number: Int64, accessExtension: String)>
    ) -> ReplyOwner {
        guard accessNumber.hasPrefix(channelNumber) else { return .nobody }
        let rest = accessNumber.dropFirst(channelNumber.count)
        var longest = -1
        var candidates = Set<Int64>()
        for account in accounts where rest.hasPrefix(account.accessExtension) {
            let length = account.accessExtension.utf8.count
            if length > longest {
                longest = length
                candidates = []
            }
            if length == longest { candidates.insert(account.number) }
        }
        let customerExtension = String(rest.dropFirst(max(0, longest)))
        if let only = candidates.first, candidates.count == 1 {
            return .account(only, customerExtension: customerExtension)
        }
        return candidates.isEmpty ? .nobody : .lastSender(among: candidates, customerExtension: customerExtension)
    }
}
