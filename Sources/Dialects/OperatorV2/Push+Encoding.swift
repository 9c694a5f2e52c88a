public import Messaging

extension OperatorV2 {
    /// The body of a push to a customer; `login` holds the customer's own user and password.
    /// - Parameter sequence: counts up by 1 per request.
    public static func encodePush(
        _ push: Push, sequence: Int64, login: Login, at now: Timestamp, format: PushFormat = .form
    ) -> [UInt8] {
        switch format {
        case .json:
            var writer = JSONWriter(capacity: 256)
            writer.open("")
            writeEnvelope(push.command, sequence, login, now, to: &writer)
            writeList(push, to: &writer)
            writer.close("")
            return writer.finished()
        case .printedForm:
            var writer = FormWriter(capacity: 256)
            writeEnvelope(push.command, sequence, login, now, to: &writer)
            writeList(push, to: &writer)
            return writer.finished()
        case .form:
            // The list as JSON, with its name cut off, then encoded as a whole.
            var list = FormWriter(capacity: 256)
            writeList(push, to: &list)
            let bytes = list.finished()
            let name: StaticString = push.command == .reports ? "rpts" : "mos"
            var writer = FormWriter(capacity: bytes.count * 2)
            writeEnvelope(push.command, sequence, login, now, to: &writer)
            writer.encodedField(name, bytes[(name.utf8CodeUnitCount + 1)...])
            return writer.finished()
        }
    }

    /// What the receiver of a push answers. A sequence that is no number is written as a text.
    public static func encodePushAnswer(_ command: PushCommand, sequence: String, result: Int) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.open("")
        writer.text("cmd", command.answer)
        if let number = Int64(sequence), String(number) == sequence {
            writer.number("seqid", number)
        } else {
            writer.text("seqid", sequence)
        }
        writer.number("result", Int64(result))
        writer.close("")
        return writer.finished()
    }

    private static func writeEnvelope<Writer: RecordWriter>(
        _ command: PushCommand, _ sequence: Int64, _ login: Login, _ now: Timestamp, to writer: inout Writer
    ) {
        let timestamp = writeIdentity(login, now, to: &writer)
        writeOptional("timestamp", timestamp, to: &writer)
        writer.text("cmd", command.rawValue)
        writer.number("seqid", sequence)
    }

    private static func writeList<Writer: RecordWriter>(_ push: Push, to writer: inout Writer) {
        switch push {
        case .reports(let reports): write(reports, to: &writer)
        case .replies(let replies): write(replies, namesAnswered: true, to: &writer)
        }
    }
}
