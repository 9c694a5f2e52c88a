import Foundation
import Testing

@testable import yizhan

/// `etc/yizhan.yaml`, and what `serve` makes of it.
struct SettingsFileTests {
    private static let path = Program.root + "/etc/yizhan.yaml"

    /// One setting of the file: its line, its key such as `http.idle_timeout`, and its value as it is written.
    struct Entry: Sendable {
        var line: Int
        var key: String
        var value: String
    }

    private static func lines() throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The file has groups of one level, comments on lines of their own, and nothing else.
    private static func entries() throws -> [Entry] {
        var group = ""
        var entries: [Entry] = []
        for (index, line) in try lines().enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty || text.hasPrefix("#") { continue }
            let colon = try #require(text.firstIndex(of: ":"), "line \(index + 1): \(line)")
            let (name, value) = (text[..<colon], text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces))
            if !line.hasPrefix(" ") { group = value.isEmpty ? name + "." : "" }
            if value.isEmpty { continue }
            entries.append(Entry(line: index, key: group + name, value: value))
        }
        return entries
    }

    /// Another value of the same kind.
    private static func other(_ entry: Entry) -> String {
        switch entry.key {
        case "portal.hosts": return "[sms.example.com]"
        case "portal.operator_networks": return "[192.0.2.0/24]"
        case "listen.portal": return "\"127.0.0.1:9\""
        default: return other(entry.value)
        }
    }

    private static func other(_ value: String) -> String {
        if let number = Int(value) { return String(number + 1) }
        let digits = value.prefix { $0.isNumber }
        if let number = Int(digits), ["ms", "s", "m", "h"].contains(value.dropFirst(digits.count)) {
            return "\(number + 1)" + value.dropFirst(digits.count)
        }
        switch value {
        case "true": return "false"
        case "false": return "true"
        case "info": return "debug"
        case "[]": return "[192.0.2.0/24]"
        case "\"\"": return "192.0.2.0/24"
        default: break
        }
        if value.hasPrefix("/") { return value + "-2" }
        return value.replacing(":80", with: ":90")
    }

    @Test func `the file and the manual page are what the keys make of them`() throws {
        let manual = Program.root + "/packaging/debian/yizhan.1"
        if ProcessInfo.processInfo.environment["YIZHAN_WRITE_SETTINGS"] != nil {
            try Data(SettingsFile.yaml.utf8).write(to: URL(filePath: Self.path))
            let page = try String(contentsOfFile: manual, encoding: .utf8)
            let head = try #require(page.range(of: ".SH CONFIGURATION\n")).upperBound
            let end = try #require(page.range(of: ".SH FILES\n")).lowerBound
            try Data((page[..<head] + SettingsFile.manual + page[end...]).utf8).write(to: URL(filePath: manual))
        }
        #expect(try String(contentsOfFile: Self.path, encoding: .utf8) == SettingsFile.yaml)
        #expect(try String(contentsOfFile: manual, encoding: .utf8).contains(SettingsFile.manual))
    }

    @Test(arguments: [
        ("http:\n  idle_timeot: 5s\n", 2, "http.idle_timeot", "is http.idle_timeout meant?"),
        ("# one\nstatus: /x\n", 2, "status", "is state meant?"), ("dance: 1\n", 1, "dance", "take it out."),
    ])
    func `a key that is none is named with its line and the nearest one`(
        text: String, line: Int, key: String, hint: String
    ) async throws {
        try await TestServer.withFolder { folder in
            let file = folder + "/yizhan.yaml"
            try Data(text.utf8).write(to: URL(filePath: file))
            let failure = await #expect(throws: ServeSettings.Invalid.self) { try await ServeSettings(file: file) }
            #expect(failure?.description == "\(file), line \(line): there is no setting \(key); \(hint)")
        }
    }

    @Test(arguments: [
        ("http:\n  connections_max: 1_000\n", "1000"), ("http:\n  connections_max: 0x3e8\n", "1000"),
        ("http: {connections_max: 1000}\n", "1000"), ("http: &anchor\n  connections_max: 1000\n", "1000"),
        ("http:\t# tab\n  connections_max: 1000\n", "1000"), ("\"http\":\n  connections_max: 1000\n", "1000"),
        ("log:\n  level: info\nx-mine:\n  a: 1\nhttp:\n  connections_max: 1000\n", "1000"),
    ])
    func `other forms of YAML are read as they were written`(text: String, value: String) async throws {
        try await TestServer.withFolder { folder in
            let file = folder + "/yizhan.yaml"
            try Data(text.utf8).write(to: URL(filePath: file))
            #expect(try await ServeSettings(file: file).texts["http.connections_max"] == value)
        }
    }

    @Test func `networks may have blanks around their commas`() async throws {
        try await TestServer.withFolder { folder in
            let file = folder + "/yizhan.yaml"
            var texts: [String?] = []
            for value in ["\"127.0.0.1 , 10.0.0.0/8\"", "[\"127.0.0.1\", \"10.0.0.0/8\"]", "[]"] {
                try Data("http:\n  trusted_proxies: \(value)\n".utf8).write(to: URL(filePath: file))
                texts.append(try await ServeSettings(file: file).texts["http.trusted_proxies"])
            }
            #expect(texts[0] == texts[1] && texts[0] != texts[2])
        }
    }

    @Test func `every value in the file is the default`() async throws {
        let defaults = try await ServeSettings(file: nil).texts
        let file = try await ServeSettings(file: Self.path).texts
        // What is nil follows from another setting; the file says what it comes to.
        for (name, value) in defaults where !value.isEmpty { #expect(file[name] == value, "\(name)") }
        #expect(defaults.count > 20)
        #expect(try Self.entries().count == defaults.count)
    }

    @Test func `every setting of the file is read, each into a property of its own, and none is without a line`()
        async throws
    {
        let whole = try await ServeSettings(file: Self.path).texts
        let lines = try Self.lines()
        let copy = FileManager.default.temporaryDirectory.appending(path: "yizhan-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: copy) }
        var owners: [String: String] = [:]
        for entry in try Self.entries() {
            let other = Self.other(entry)
            try #require(other != entry.value, "\(entry.key): \(entry.value)")
            var changed = lines
            changed[entry.line] = changed[entry.line].replacing(entry.value, with: other)
            try Data(changed.joined(separator: "\n").utf8).write(to: URL(filePath: copy))
            let fields = try await ServeSettings(file: copy).texts
            let differing = fields.keys.filter { fields[$0] != whole[$0] }
            #expect(differing.count == 1, "\(entry.key): \(other) changes \(differing)")
            for name in differing {
                #expect(owners[name] == nil, "\(name) is of \(entry.key) and \(owners[name] ?? "")")
                owners[name] = entry.key
            }
        }
        #expect(Set(owners.keys) == Set(whole.keys))
    }

    @Test(arguments: [
        ("http.connections_max", "0"), ("http.connections_max", "many"), ("http.idle_timeout", "60"),
        ("queue.wait_max", "1 s"), ("log.level", "loud"), ("listen.front", "8080"),
        ("http.connections_per_address_max", "abc"), ("http.connections_per_address_max", "0"),
    ])
    func `a value that is none is refused, and the words name the setting and the value`(
        key: String, value: String
    ) async throws {
        let names = key.split(separator: ".")
        let copy = FileManager.default.temporaryDirectory.appending(path: "yizhan-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try Data("\(names[0]):\n  \(names[1]): \"\(value)\"\n".utf8).write(to: URL(filePath: copy))
        let failure = await #expect(throws: ServeSettings.Invalid.self) { try await ServeSettings(file: copy) }
        #expect(failure?.description.contains(key) == true)
        #expect(failure?.description.contains(value) == true)
    }
}
