import AdminProtocol
import Messaging

/// A parked item as the command line prints it.
struct InboundView {
    private let item: AdminInboundItem

    init(_ item: AdminInboundItem) {
        self.item = item
    }

    private var bodyText: String { String(decoding: item.body, as: UTF8.self) }

    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("id", .string(item.id)), ("kind", .string(item.kind)), ("state", .string(item.state)),
            ("channel", .string(item.channel)), ("received_at_ms", .moment(item.receivedAtMs)),
            ("tries", .integer(item.tries)), ("next_try_at_ms", .moment(item.nextTryAtMs)),
            ("expired_at_ms", .moment(item.expiredAtMs)),
        ]
        if item.kind == ParkedID.Kind.body.rawValue {
            members += [
                ("body_kind", .string(item.bodyKind)), ("failure", .optional(item.failure)),
                ("body_bytes", .integer(item.bodyBytes)), ("copies", .integer(item.copies)),
                ("last_at_ms", .moment(item.lastAtMs)),
            ]
            if !item.body.isEmpty { members.append(("body", .string(bodyText))) }
            return .object(members)
        }
        members += [
            ("mobile", .string(item.mobile)),
            ("carrier_id", item.carrierID == 0 ? .null : .integer(item.carrierID)),
            ("carrier_time_ms", .moment(item.carrierTimeMs)),
        ]
        if item.kind == ParkedID.Kind.report.rawValue {
            members += [
                ("custid", .string(item.custid)), ("segment", .integer(item.segment)),
                ("segments", .integer(item.segments)), ("status", .string(item.status)),
                ("detail", .string(item.detail)),
            ]
        } else {
            members += [("access_number", .string(item.accessNumber)), ("content", .string(item.content))]
        }
        return .object(members)
    }

    var text: String {
        var pairs: [(String, String)] = [
            ("item", item.id), ("kind", item.kind), ("state", item.state), ("channel", item.channel),
            ("received", Timestamp.text(item.receivedAtMs)),
        ]
        if item.tries > 0 { pairs.append(("tries", "\(item.tries)")) }
        if item.nextTryAtMs != 0 { pairs.append(("next try", Timestamp.text(item.nextTryAtMs))) }
        if item.expiredAtMs != 0 { pairs.append(("expired", Timestamp.text(item.expiredAtMs))) }
        if item.kind == ParkedID.Kind.body.rawValue {
            pairs += [("body", "\(item.bodyKind), \(item.bodyBytes) bytes")]
            if !item.failure.isEmpty { pairs.append(("failure", item.failure)) }
            if item.copies > 1 {
                pairs.append(("came", "\(item.copies) times, the last at \(Timestamp.text(item.lastAtMs))"))
            }
            let lines = bodyText.split(separator: "\n", omittingEmptySubsequences: false)
            return TextTable.pairs(pairs) + "\n\n"
                + lines.map { Terminal.printable(String($0)) }.joined(separator: "\n")
        }
        pairs += [("mobile", item.mobile), ("carrier's time", Timestamp.text(item.carrierTimeMs))]
        if item.carrierID != 0 { pairs.append(("carrier's id", "\(item.carrierID)")) }
        if item.kind == ParkedID.Kind.report.rawValue {
            pairs += [("custid", item.custid.isEmpty ? "-" : item.custid), ("status", item.status)]
            if item.segment != 0 { pairs.append(("segment", "\(item.segment) of \(item.segments)")) }
            if !item.detail.isEmpty { pairs.append(("detail", item.detail)) }
        } else {
            pairs += [("to", item.accessNumber), ("content", item.content)]
        }
        return TextTable.pairs(pairs)
    }

    static func table(_ views: [InboundView]) -> String {
        var table = TextTable([
            ("ID", .left), ("STATE", .left), ("CHANNEL", .left), ("RECEIVED (CHINA)", .left), ("TRIES", .right),
            ("MOBILE", .left), ("WHAT", .left),
        ])
        for item in views.map(\.item) {
            let what =
                switch ParkedID.Kind(rawValue: item.kind) {
                case .report: "\(item.status) custid \(item.custid.isEmpty ? "-" : item.custid) id \(item.carrierID)"
                case .reply: "to \(item.accessNumber): \(item.content)"
                default: "\(item.bodyKind), \(item.bodyBytes) bytes \(item.failure)"
                }
            table.add([
                item.id, item.state, item.channel, Timestamp.text(item.receivedAtMs), "\(item.tries)",
                item.mobile.isEmpty ? "-" : item.mobile, what,
            ])
        }
        return table.text
    }
}
