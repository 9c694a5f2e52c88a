import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan audit …`
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The trail of who changed what.",
        subcommands: [AuditListCommand.self, AuditVerifyCommand.self])
}

/// `yizhan audit list`
struct AuditListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists changes, the latest first.")

    @Option(help: "Only those of this user; 'uid 0' for root at the command line.")
    var user: String?

    @Option(help: "Only those of this account, channel, route or user.")
    var target: String?

    @Option(help: "Only these: a noun, or noun and verb, as 'account set'.")
    var action: String?

    @Option(help: "At most so many; 0 for all.")
    var limit: UInt32 = 50

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var list = AdminAuditList()
        list.user = user ?? ""
        list.target = target ?? ""
        list.action = action ?? ""
        let (request, limit) = (list, limit)
        let (entries, isCut) = try admin.connected { try $0.audit(request, limit: limit) }
        let items = entries.map { entry in
            JSONText.object([
                ("id", .integer(entry.id)), ("at_ms", .moment(entry.atMs)), ("user", .string(entry.user)),
                ("address", .optional(entry.address)), ("action", .string(entry.action)),
                ("target", .optional(entry.target)), ("before", .optional(entry.before)),
                ("after", .optional(entry.after)),
            ])
        }
        try admin.show(
            json: .object([("entries", .array(items)), ("has_more", .bool(isCut))]), text: Self.text(entries))
    }

    private static func text(_ entries: [AdminAuditEntry]) -> String {
        var table = TextTable([
            ("AT (CHINA)", .left), ("USER", .left), ("FROM", .left), ("ACTION", .left), ("TARGET", .left),
            ("BEFORE", .left), ("AFTER", .left),
        ])
        for entry in entries {
            table.add([
                Timestamp.text(entry.atMs), entry.user, entry.address, entry.action, entry.target,
                entry.before.isEmpty ? "-" : entry.before, entry.after.isEmpty ? "-" : entry.after,
            ])
        }
        return table.text
    }
}

/// `yizhan audit verify`
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares the digests that chain the entries; exit code 1 when an entry was changed or is missing.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let proof = try admin.connected(timeout: .seconds(600)) { client in
            guard case .auditProof(let proof) = try client.call(.auditVerify(AdminAuditVerify())) else {
                throw AdminClient.unexpected
            }
            return proof
        }
        let isSound = proof.wrong == 0
        try admin.show(
            json: .object([
                ("entries", .integer(proof.entries)), ("sound", .bool(isSound)),
                ("wrong", isSound ? .null : .integer(proof.wrong)),
            ]),
            text: isSound
                ? "\(proof.entries) entries are as they were written"
                : "entry \(proof.wrong) is not as it was written, or the one before it is missing")
        if !isSound { throw ExitCode(1) }
    }
}
