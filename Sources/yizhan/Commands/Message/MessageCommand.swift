import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan message …`
struct MessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Messages.",
        subcommands: [
            MessageShowCommand.self, MessageListCommand.self, MessageSettleCommand.self, MessageCancelCommand.self,
        ])
}

/// `yizhan message show MSGID`
struct MessageShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that happened to a message: accepted, charged, routed, attempts, reports, outbox.")

    @Argument(help: "The message's id, or that of one of its segments.")
    var msgid: Int64

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if msgid < 0 { throw ValidationError("MSGID is not below zero.") }
    }

    func run() throws {
        let message = try admin.connected { try $0.message(id: msgid) }
        try admin.show(json: Self.json(message), text: Self.text(message))
    }

    static func json(_ message: AdminMessageTimeline) -> JSONText {
        let unit = ChargeUnit(message.chargeBy)
        return .object(
            [
                ("msgid", .integer(message.msgid)), ("account", .string(message.account)),
                ("mobile", .string(message.mobile)), ("network", .optional(message.network)),
                ("content", .optional(message.content)), ("segments", .integer(message.segments)),
                ("state", .string(message.state)), ("status", .optional(message.status)),
                ("channel", .optional(message.channel)), ("access_number", .optional(message.accessNumber)),
                ("custid", .optional(message.custid)), ("charge_by", .string(unit.rawValue)),
            ] + unit.members("charged", message.chargedUnits) + unit.members("refunded", message.refundedUnits) + [
                ("accepted_at_ms", .moment(message.acceptedAtMs)),
                ("scheduled_at_ms", .moment(message.scheduledAtMs)),
                ("valid_until_ms", .moment(message.validUntilMs)), ("final_at_ms", .moment(message.finalAtMs)),
                ("events", .array(message.events.map(Self.json))),
            ])
    }

    private static func json(_ event: AdminEvent) -> JSONText {
        .object([("at_ms", .integer(event.atMs)), ("kind", .string(event.kind)), ("text", .string(event.text))])
    }

    static func text(_ message: AdminMessageTimeline) -> String {
        let unit = ChargeUnit(message.chargeBy)
        var pairs: [(String, String)] = [
            ("message", "\(message.msgid)"), ("account", message.account),
            ("to", message.network.isEmpty ? message.mobile : "\(message.mobile) (\(message.network))"),
            ("state", message.status.isEmpty ? message.state : "\(message.state) (\(message.status))"),
            ("segments", "\(message.segments)"), ("charged", unit.labelled(message.chargedUnits)),
        ]
        if message.refundedUnits != 0 { pairs.append(("refunded", unit.labelled(message.refundedUnits))) }
        if !message.channel.isEmpty { pairs.append(("channel", message.channel)) }
        if !message.accessNumber.isEmpty { pairs.append(("from", message.accessNumber)) }
        if !message.custid.isEmpty { pairs.append(("custid", message.custid)) }
        pairs.append(("accepted", Timestamp.text(message.acceptedAtMs)))
        if message.scheduledAtMs != 0 { pairs.append(("scheduled", Timestamp.text(message.scheduledAtMs))) }
        if message.validUntilMs != 0 { pairs.append(("valid until", Timestamp.text(message.validUntilMs))) }
        if message.finalAtMs != 0 { pairs.append(("final", Timestamp.text(message.finalAtMs))) }
        if !message.content.isEmpty { pairs.append(("content", message.content)) }
        var table = TextTable([("TIME (CHINA)", .left), ("EVENT", .left), ("WHAT HAPPENED", .left)])
        for event in message.events { table.add([Timestamp.text(event.atMs), event.kind, event.text]) }
        return TextTable.pairs(pairs) + "\n\n" + table.text
    }
}
