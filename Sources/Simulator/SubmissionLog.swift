import Messaging

/// The last messages received, for tests to look at.
struct SubmissionLog {
    struct Entry {
        /// Counts up by 1 from 1.
        let ordinal: Int
        /// The operation's name.
        let call: String
        let message: SubmittedMessage
        let isRefused: Bool
    }

    private let entriesMax: Int
    /// A ring once it is full.
    private var entries: [Entry] = []
    private var count = 0

    init(entriesMax: Int) {
        self.entriesMax = entriesMax
    }

    mutating func append(_ message: SubmittedMessage, call: String, isRefused: Bool) {
        guard entriesMax > 0 else { return }
        count += 1
        let entry = Entry(ordinal: count, call: call, message: message, isRefused: isRefused)
        if entries.count < entriesMax {
            entries.append(entry)
        } else {
            entries[(count - 1) % entriesMax] = entry
        }
    }

    /// The oldest `limit` of those entries whose ordinal is above `after` and that are still kept.
    func entries(after: Int, limit: Int) -> [Entry] {
        let first = max(after + 1, count - entries.count + 1, 1)
        let last = min(count, first + limit - 1)
        guard first <= last else { return [] }
        return (first...last).map { entries[($0 - 1) % entriesMax] }
    }

    static func json(_ entries: [Entry]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * 128 + 2)
        bytes.append(UInt8(ascii: "["))
        for entry in entries {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            let fields = [
                "{\"seq\":", String(entry.ordinal), ",\"call\":\"", entry.call, "\",\"mobile\":\"",
                escaped(entry.message.mobile), "\",\"custid\":\"", escaped(entry.message.part.customID),
                "\",\"msgid\":", String(entry.message.id.rawValue), ",\"outcome\":\"",
                entry.isRefused ? "refused" : "accepted", "\"}",
            ]
            for field in fields { bytes.append(contentsOf: field.utf8) }
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
