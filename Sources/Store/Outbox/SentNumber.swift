import Messaging

/// The full number that a message went out under.
struct SentNumber {
    /// Empty where nothing went out.
    var accessNumber: String
    /// The customer's own part: what it asked for where nothing went out.
    var customerExtension: String

    /// - Parameters:
    ///   - channelNumber: of the latest attempt; nil where there was none.
    ///   - room: the code of what the attempt's dialect had room for; nil where it is not known.
    init(_ asked: AccessExtension, behind channelNumber: String?, room: Int64?) {
        guard let channelNumber else {
            (accessNumber, customerExtension) = ("", asked.customer)
            return
        }
        let carried =
            asked.carried(behind: channelNumber, room.map { ExtensionRoom(code: $0) } ?? .widest)
            ?? AccessExtension(account: asked.account)
        (accessNumber, customerExtension) = (channelNumber + carried.text, carried.customer)
    }
}
