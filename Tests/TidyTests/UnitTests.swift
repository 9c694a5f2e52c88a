import Testing

/// What the systemd units promise, which nothing else in the repository can see.
struct UnitTests {
    private let repository: Repository

    init() throws { self.repository = try Repository() }

    /// The value of a setting in a section; nil when it is not there.
    private func value(_ key: String, in section: String, of unit: String) throws -> String? {
        let text = try #require(repository.text("packaging/systemd/" + unit))
        var current = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[") { current = String(line.dropFirst().prefix { $0 != "]" }) }
            if current == section, line.hasPrefix(key + "=") { return String(line.dropFirst(key.count + 1)) }
        }
        return nil
    }

    @Test func `no number of failures closes the service or a socket for good`() throws {
        #expect(try value("StartLimitIntervalSec", in: "Unit", of: "yizhan.service") == "0")
        #expect(try value("Restart", in: "Service", of: "yizhan.service") == "on-failure")
        #expect(try value("RestartSec", in: "Service", of: "yizhan.service") == "5")
        for name in ["front", "callback", "admin"] {
            #expect(try value("TriggerLimitIntervalSec", in: "Socket", of: "yizhan-\(name).socket") == "0")
        }
    }

    @Test func `the watchdog has the time that the service takes for granted`() throws {
        #expect(try value("WatchdogSec", in: "Service", of: "yizhan.service") == "30")
        #expect(try value("Type", in: "Service", of: "yizhan.service") == "notify")
    }
}
