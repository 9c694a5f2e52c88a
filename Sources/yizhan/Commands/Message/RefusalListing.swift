import AdminProtocol
import Messaging

/// What `yizhan message list --refused` prints.
struct RefusalListing {
    let account: String?
    let number: String?
    let day: Int?
    let limit: UInt32

    func run(_ admin: AdminOptions) throws {
        var list = AdminRefusalList()
        list.account = account ?? ""
        list.number = number ?? ""
        list.day = UInt32(day ?? 0)
        let request = list
        let (refusals, isCut) = try admin.connected { client throws(AdminClientError) in
            try client.refusals(request, limit: limit)
        }
        if isCut { Terminal.complain("there may be more; --limit 0 lists all") }
        try admin.show(
            json: .object([("refusals", .array(refusals.map(Self.json)))]), text: Self.text(refusals))
    }

    private static func json(_ refusal: AdminRefusal) -> JSONText {
        .object([
            ("account", .optional(refusal.account)), ("name", .optional(refusal.name)),
            ("dialect", .string(refusal.dialect)), ("code", .string(refusal.code)), ("rule", .string(refusal.rule)),
            ("mobile", .optional(refusal.mobile)), ("address", .optional(refusal.address)),
            ("times", .integer(refusal.times)), ("first_at_ms", .moment(refusal.firstAtMs)),
            ("last_at_ms", .moment(refusal.lastAtMs)),
        ])
    }

    private static func text(_ refusals: [AdminRefusal]) -> String {
        var table = TextTable([
            ("LAST (CHINA)", .left), ("TIMES", .right), ("ACCOUNT", .left), ("MOBILE", .left), ("RULE", .left),
            ("CODE", .left), ("DIALECT", .left), ("FROM", .left), ("FIRST (CHINA)", .left),
        ])
        for refusal in refusals {
            table.add([
                Timestamp.text(refusal.lastAtMs), "\(refusal.times)", who(refusal), dash(refusal.mobile), refusal.rule,
                refusal.code, refusal.dialect, dash(refusal.address), Timestamp.text(refusal.firstAtMs),
            ])
        }
        return table.text
    }

    /// A name that is no account's is in quotes.
    private static func who(_ refusal: AdminRefusal) -> String {
        if !refusal.account.isEmpty { return refusal.account }
        return refusal.name.isEmpty ? "-" : "'\(refusal.name)'"
    }

    private static func dash(_ text: String) -> String { text.isEmpty ? "-" : text }
}
