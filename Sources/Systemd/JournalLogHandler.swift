import Glibc
public import Logging

/// Logs to standard error, one line a record: `message key=value …`. Where the journal reads the other end the line
/// begins with its priority, `<6>` (sd-daemon(3)); elsewhere with the level's name. The journal and every other
/// supervisor add the time themselves.
public struct JournalLogHandler: LogHandler {
    /// Records below it are not passed to `log(event:)`; swift-log checks it.
    public var logLevel: Logger.Level
    /// Fields of every record; the provider's, the record's own and its error replace those of the same name.
    public var metadata: Logger.Metadata = [:]
    /// Asked for further fields at each record; nil: none.
    public var metadataProvider: Logger.MetadataProvider?

    private let toJournal: Bool
    private let descriptor: Int32

    /// Fits `LoggingSystem.bootstrap`. The label is not printed: the static messages name their subject.
    public init(
        label: String = "", level: Logger.Level = .info, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(level: level, descriptor: STDERR_FILENO, metadataProvider: metadataProvider)
    }

    init(level: Logger.Level, descriptor: Int32, metadataProvider: Logger.MetadataProvider? = nil) {
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.descriptor = descriptor
        self.toJournal = Self.isJournal(descriptor)
    }

    /// A field of every record; nil: it has none of that name.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the record as one line, on the calling thread; blocks while standard error takes no more.
    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        let prefix = toJournal ? "<\(Self.priority(event.level))>" : "\(event.level) "
        write(Self.line(prefix: prefix, message: event.message.description, fields: fields))
    }

    /// One line with its newline. Fields are sorted by key; a value is quoted when it could be taken for two.
    static func line(prefix: String, message: String, fields: Logger.Metadata) -> String {
        var line = prefix + escaped(message, quoted: false)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            let text = value.description
            let ambiguous = text.isEmpty || text.unicodeScalars.contains { " =\"".unicodeScalars.contains($0) }
            line += " \(escaped(key, quoted: false))="
            line += ambiguous ? "\"\(escaped(text, quoted: true))\"" : escaped(text, quoted: false)
        }
        return line + "\n"
    }

    /// Escapes control characters, so that data from a peer cannot forge a second record or control a terminal.
    private static func escaped(_ text: String, quoted: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\"" where quoted, "\\" where quoted: result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.count < 2 ? "0" : "") + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The syslog priority, sd-daemon(3).
    static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// `JOURNAL_STREAM` names the device and inode of the journal's socket; a descriptor redirected since does not
    /// match it (systemd.exec(5)).
    private static func isJournal(_ descriptor: Int32) -> Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }

    /// One write(2) for the whole line keeps records of several threads apart. A line that cannot be written is lost:
    /// logging must never stop the service.
    private func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
