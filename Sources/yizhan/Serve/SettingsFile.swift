import Administration
import Configuration
import Glibc
import SystemPackage

/// The configuration file, read once by us before the library parses it, so that what is wrong is said in words.
enum SettingsFile {
    /// - Throws: `ServeSettings.Invalid`.
    static func provider(_ path: String) async throws -> any ConfigProvider {
        if let words = unreadable(path) {
            throw ServeSettings.Invalid(
                description:
                    "\(path) cannot be read: \(words). It must be a file that the user of the service can read.")
        }
        let provider: FileProvider<YAMLSnapshot>
        do {
            provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        } catch {
            throw ServeSettings.Invalid(description: "\(path) is not YAML: \(oneLine("\(error)"))")
        }
        try checkKeys(path)
        return provider
    }

    /// Why it cannot be read; nil when it can.
    private static func unreadable(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) >= 0 ? nil : String(cString: strerror(errno))
    }

    /// The keys of a file with groups of one level, and the line of each. What is written in another form of YAML (a
    /// flow mapping, an anchor, a tag, a quoted key) is left out: the parser reads it, and its keys are not checked.
    static func keys(of text: String) -> [(key: String, line: Int)] {
        var (group, indent) = ("", 0)
        var keys: [(key: String, line: Int)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let depth = line.prefix { $0 == " " }.count
            let entry = line.dropFirst(depth)
            let name = entry.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
            let isPlain = !name.isEmpty && name != "-" && entry.dropFirst(name.count).first == ":"
            let value = entry.dropFirst(name.count + 1).drop { $0 == " " || $0 == "\t" }
            guard isPlain, value.first != "{", value.first != "&", value.first != "!" else {
                if depth == 0, !entry.isEmpty, entry.first != "#", entry.first != "-" { group = "" }
                continue
            }
            let isGroup = value.isEmpty || value.first == "#"
            if depth == 0 {
                (group, indent) = (isGroup ? "\(name)." : "", 0)
                if !isGroup { keys.append((String(name), index + 1)) }
            } else if !group.isEmpty, indent == 0 || depth == indent {
                indent = depth
                keys.append((group + name, index + 1))
            }
        }
        return keys
    }

    /// - Throws: `Invalid` for a key that is none, with the nearest that there is.
    private static func checkKeys(_ path: String) throws {
        let known = ServeSettings.all.map(\.name)
        for (key, line) in keys(of: try text(path)) where !known.contains(key) && !key.hasPrefix("x-") {
            let nearest = key.nearest(among: known).map { "is \($0) meant?" } ?? "take it out."
            throw ServeSettings.Invalid(description: "\(path), line \(line): there is no setting \(key); \(nearest)")
        }
    }

    private static func text(_ path: String) throws -> String {
        var bytes: [UInt8] = []
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
        try descriptor.closeAfter {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = try chunk.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
                bytes += chunk[..<count]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Written from the keys

    private static let heading = """
        The configuration of yizhan serve: every setting with its default. A setting can also be given in the \
        environment, YIZHAN_HTTP_CONNECTIONS_MAX for http.connections_max. Accounts, channels and routes are not here: \
        they are in the database and are edited with the yizhan command. Durations are written 200ms, 10s, 5m, 72h. \
        This file is made from the keys in ServeSettings.
        """

    /// `etc/yizhan.yaml`.
    static var yaml: String {
        var (lines, group) = (comment(heading, indent: ""), "")
        for key in ServeSettings.all {
            let parts = key.name.split(separator: ".").map(String.init)
            let isGrouped = parts.count > 1
            if !isGrouped || parts[0] != group { lines.append("") }
            if isGrouped, parts[0] != group { lines.append(parts[0] + ":") }
            group = isGrouped ? parts[0] : ""
            let indent = isGrouped ? "  " : ""
            lines += comment(key.help, indent: indent) + ["\(indent)\(parts[parts.count - 1]): \(key.yaml)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The entries of the manual page.
    static var manual: String {
        ServeSettings.all.map { key in
            let help = key.help.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            return ".TP\n.BR \(key.name) \" (\(key.yaml.replacing("\"", with: "")))\"\n\(help)"
        }.joined(separator: "\n") + "\n"
    }

    /// Lines of at most 120 columns.
    private static func comment(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= 120 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append("\(indent)# \(word)")
            }
        }
        return lines
    }

    /// The parser draws a picture of several lines; its first says where and what.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.prefix(2).joined(separator: " ")
    }
}
