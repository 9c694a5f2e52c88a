import Engine
import Foundation
import HTTPCore
import Logging
import Messaging
import Testing

@testable import yizhan

/// What the settings of `serve` come to in the parts that go by them.
struct SettingEffectTests {
    /// What is looked at by name before there is an engine, or once at the end.
    private static let others: Set = [
        "state", "admin_socket", "listen.front", "listen.callback", "listen.portal", "log.level", "stop.drain_timeout",
    ]

    /// A value that is no setting's default.
    private static func other(_ setting: any ServeSetting) throws -> String {
        switch setting.form {
        case Int.form: "77"
        case Bool.form: "true"
        case Duration.form: "77s"
        case [NetworkBlock].form: "192.0.2.0/24"
        case HostNames.form: "sms.example.com"
        case String.form: "other"
        default: try #require(nil as String?, "\(setting.name) takes \(setting.form)")
        }
    }

    /// The properties of a value by their names, with those of the structures in it.
    private static func leaves(of value: Any, _ name: String) -> [String: String] {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .struct, !(value is any CustomStringConvertible), !mirror.children.isEmpty else {
            return mirror.displayStyle == .class ? [:] : [name: "\(value)"]
        }
        return mirror.children.reduce(into: [:]) { all, child in
            all.merge(leaves(of: child.value, name + "." + (child.label ?? "?"))) { $1 }
        }
    }

    private static func leaves(_ settings: ServeSettings, _ time: TimeKeeper) -> [String: String] {
        let service = ApplianceService(settings: settings, sockets: [:], logger: Logger(label: "test"))
        return leaves(of: service.engineConfiguration(time), "engine")
            .merging(leaves(of: service.frontConfiguration, "front")) { $1 }
            .merging(leaves(of: service.callbackConfiguration, "callback")) { $1 }
            .merging(leaves(of: service.portalConfiguration, "portal")) { $1 }
            // What the pages show of all settings.
            .filter { $0.key != "portal.settings" }
    }

    private static func changed(by setting: any ServeSetting, in folder: String) async throws -> Set<String> {
        let time = TimeKeeper(source: .system)
        let names = setting.name.split(separator: ".")
        let value = try other(setting)
        let line = names.count == 1 ? "\(names[0]): \(value)\n" : "\(names[0]):\n  \(names[1]): \(value)\n"
        let file = folder + "/yizhan.yaml"
        try Data(line.utf8).write(to: URL(filePath: file))
        let (before, after) = (
            leaves(try await ServeSettings(file: nil), time), leaves(try await ServeSettings(file: file), time)
        )
        #expect(Set(before.keys) == Set(after.keys) && before.count > 30)
        return Set(after.keys.filter { before[$0] != after[$0] })
    }

    @Test func `each setting of the file changes what goes by it, and nothing else does`() async throws {
        try await TestServer.withFolder { folder in
            var owners: [String: String] = [:]
            for setting in ServeSettings.all where !Self.others.contains(setting.name) {
                let changed = try await Self.changed(by: setting, in: folder)
                #expect(!changed.isEmpty, "\(setting.name) has no effect")
                for leaf in changed {
                    #expect(owners[leaf] == nil, "\(leaf) goes by \(setting.name) and by \(owners[leaf] ?? "")")
                    owners[leaf] = setting.name
                }
            }
            #expect(owners.count >= 26)
        }
    }

    @Test(arguments: [
        ("http.connections_max", ["front.connectionsMax"]), ("callback.connections_max", ["callback.connectionsMax"]),
        ("http.connections_per_address_max", ["front.connectionsPerAddressMax"]),
        ("callback.connections_per_address_max", ["callback.connectionsPerAddressMax"]),
        ("http.first_byte_timeout", ["callback.firstByteTimeout", "front.firstByteTimeout"]),
        ("http.header_timeout", ["callback.headerTimeout", "front.headerTimeout"]),
        ("http.idle_timeout", ["callback.idleTimeout", "front.idleTimeout"]),
        ("http.body_bytes_max", ["callback.bodyBytesMax", "front.bodyBytesMax"]),
        ("http.trusted_proxies", ["callback.trustedProxies", "front.trustedProxies"]),
        ("queue.submissions_max", ["engine.submissionsMax"]), ("queue.wait_max", ["engine.submissionWaitMax"]),
        ("queue.messages_in_memory_max", ["engine.messagesInMemoryMax"]),
        ("report.expire_after", ["engine.reportExpiry"]), ("report.poll_interval", ["engine.pollIntervalMax"]),
        ("inbound.park_for", ["engine.parking.parkFor"]), ("inbound.keep_for", ["engine.parking.keepFor"]),
        ("inbound.parked_max", ["engine.intake.parkedMax"]), ("inbound.bytes_max", ["engine.intake.bytesMax"]),
        ("inbound.unreadable_max", ["engine.intake.unreadableMax"]), ("push.pause_min", ["engine.push.pauseMin"]),
        ("push.pause_max", ["engine.push.pauseMax"]), ("push.give_up_after", ["engine.push.giveUpAfter"]),
        ("safe", ["engine.isSafe"]),
    ])
    func `a setting is of the part that its name says`(key: String, leaves: [String]) async throws {
        try await TestServer.withFolder { folder in
            let setting = try #require(ServeSettings.all.first { $0.name == key })
            #expect(try await Self.changed(by: setting, in: folder).sorted() == leaves)
        }
    }
}
