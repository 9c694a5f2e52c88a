/// What follows a channel's access number: the account's own digits, then those that its customer asked for.
public struct AccessExtension: Hashable, Sendable {
    /// The account's own digits; always sent, or nothing is.
    public var account: String
    /// The digits that the customer asked for; left out where they do not fit.
    public var customer: String

    /// - Parameters: digits, or empty for none.
    public init(account: String = "", customer: String = "") {
        self.account = account
        self.customer = customer
    }

    /// Whether nothing follows the access number.
    public var isEmpty: Bool { account.isEmpty && customer.isEmpty }

    /// The digits as they follow the access number.
    public var text: String {
        if customer.isEmpty { return account }
        return account.isEmpty ? customer : account + customer
    }

    /// What of it goes out after an access number. Where all of it does not fit, the customer's part is void.
    /// - Returns: nil where the account's part alone does not fit.
    public func carried(behind accessNumber: String, _ room: ExtensionRoom) -> AccessExtension? {
        if isEmpty { return self }
        guard room.takes(account, behind: accessNumber) else { return nil }
        if customer.isEmpty || room.takes(text, behind: accessNumber) { return self }
        return AccessExtension(account: account)
    }
}

/// Which extensions a carrier's dialect has room for.
public struct ExtensionRoom: Hashable, Sendable {
    /// The most digits after the access number, 0 to `Channel.accessNumberDigitsMax`.
    public var digitsMax: Int
    /// The extension is a positive integer there: it cannot begin with a zero.
    public var isInteger: Bool

    /// - Parameter digitsMax: is brought into 0 to `Channel.accessNumberDigitsMax`.
    public init(digitsMax: Int, isInteger: Bool = false) {
        self.digitsMax = min(max(digitsMax, 0), Channel.accessNumberDigitsMax)
        self.isInteger = isInteger
    }

    /// Bounded by the length of access numbers alone.
    public static let widest = ExtensionRoom(digitsMax: Channel.accessNumberDigitsMax)

    /// Whether these digits can go out after this access number; no digits always can.
    public func takes(_ digits: String, behind accessNumber: String) -> Bool {
        let count = digits.utf8.count
        if count == 0 { return true }
        if isInteger, digits.utf8.first == UInt8(ascii: "0") { return false }
        return count <= digitsMax && accessNumber.utf8.count + count <= Channel.accessNumberDigitsMax
    }

    // MARK: As it is stored

    /// One number: `digitsMax`, or −1 − `digitsMax` where it is an integer.
    public var code: Int { isInteger ? -1 - digitsMax : digitsMax }

    /// - Parameter code: of `code`; anything is understood.
    public init(code: Int64) {
        let isInteger = code < 0
        self.init(digitsMax: Int(clamping: isInteger ? -1 - code : code), isInteger: isInteger)
    }
}
