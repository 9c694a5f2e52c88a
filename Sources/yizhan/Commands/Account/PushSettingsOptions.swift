import AdminProtocol
import ArgumentParser
import Messaging

/// Of `account add` and `account set`: where reports and replies are pushed to.
struct PushSettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where reports are pushed to; empty: they are polled.", valueName: "url"))
    var pushReport: String?

    @Option(help: ArgumentHelp("Where replies are pushed to; empty: they are polled.", valueName: "url"))
    var pushReply: String?

    @Option(help: "In which dialect they are pushed.")
    var pushDialect: PushDialect?

    @Option(help: "How dialect operator-v2 writes a push.")
    var pushFormat: PushSettings.Format?

    @Flag(inversion: .prefixedNo, help: "Whether the addresses may lead to this machine and private networks.")
    var allowPrivatePush: Bool?

    var isEmpty: Bool {
        pushReport == nil && pushReply == nil && pushDialect == nil && pushFormat == nil && allowPrivatePush == nil
    }

    func validate() throws {
        for (option, url) in [("--push-report", pushReport), ("--push-reply", pushReply)] {
            guard let url, !url.isEmpty else { continue }
            do throws(WebAddress.Flaw) {
                _ = try WebAddress(url)
            } catch {
                throw ValidationError("\(option): \(error).")
            }
        }
    }

    func write(to settings: inout AdminAccountSettings) {
        if let pushReport { settings.pushReport = pushReport }
        if let pushReply { settings.pushReply = pushReply }
        if let pushDialect { settings.pushDialect = pushDialect.rawValue }
        if let pushFormat { settings.pushFormat = pushFormat.rawValue }
        if let allowPrivatePush { settings.allowPrivatePush = allowPrivatePush }
    }
}
