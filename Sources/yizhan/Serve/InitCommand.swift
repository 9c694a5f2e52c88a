import ArgumentParser
import Glibc
import Store

/// `yizhan init`: makes an empty database where there is none.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an empty database for a new installation.",
        discussion: """
            Needed only where the master key is there before the database, as under the Debian package, whose first \
            installation runs it: serve makes no database under a key that is there already, since that would hide a \
            disk that is not mounted. A database that is there stays as it is. Run as root, it makes the files for the \
            user to whom the state folder belongs.
            """)

    @Option(help: "The configuration file; without one the defaults hold.")
    var config: String?

    @Option(help: "The folder of the database; made if it is missing.")
    var state: String?

    @Flag(help: "Make no master key in the folder: it is passed to the service as a credential.")
    var withoutKey = false

    @Flag(help: "Also where a marker tells of a database that is lost; ids go on past all that it gave out.")
    var acceptLoss = false

    func run() async throws {
        var settings: ServeSettings
        do {
            settings = try await ServeSettings(file: config)
        } catch {
            throw Terminal.failure("The configuration cannot be used: \(error)")
        }
        if let state { settings.state = state }
        umask(0o077)
        do {
            let folder = try StateFolder(path: settings.state)
            try becomeOwner(of: folder.path)
            let lock = try StateLock(state: folder.path)
            let isMade = try await folder.initialize(makesKey: !withoutKey, acceptsLoss: acceptLoss)
            _ = consume lock
            let path = folder.path + "/" + Store.fileName
            Terminal.announce(isMade ? "made \(path)" : "\(path) is there already; nothing was changed")
        } catch let failure as ApplianceFailure {
            throw Terminal.failure(failure.sentence)
        }
    }

    /// Files of root's the service could not open.
    private func becomeOwner(of folder: String) throws {
        var status = stat()
        guard geteuid() == 0, stat(folder, &status) == 0, status.st_uid != 0 else { return }
        guard setgid(status.st_gid) == 0, setuid(status.st_uid) == 0 else {
            throw ApplianceFailure(
                "The user \(status.st_uid), to whom \(folder) belongs, cannot be taken on: "
                    + "\(String(cString: strerror(errno))).")
        }
    }
}
