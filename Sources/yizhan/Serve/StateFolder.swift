import Glibc
import Secrets
import Store

/// Opens what is in the state folder: the database, and the key under which its secrets are sealed. An empty database
/// is made only together with a new key, or by `yizhan init`: under a key that is there already it would hide that one
/// was lost, or that its disk is not mounted.
struct StateFolder {
    let path: String

    /// A file of this name, which is deleted by the start that obeys it, means the same as `--accept-loss`: a service
    /// manager passes no arguments for one start.
    static let acceptLossName = "accept-loss"

    /// Makes the folder if it is missing.
    /// - Throws: `ApplianceFailure`.
    init(path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            let words = String(cString: strerror(errno))
            throw ApplianceFailure("The state folder \(path) cannot be made: \(words).")
        }
        self.path = path
    }

    private var hasDatabase: Bool { access(path + "/" + Store.fileName, F_OK) == 0 }
    private var acceptLossPath: String { path + "/" + Self.acceptLossName }

    /// - Parameter acceptsLoss: whether the operator said so on the command line.
    /// - Throws: `ApplianceFailure`.
    func open(acceptsLoss: Bool) throws -> (store: Store, key: SealingKey) {
        let isToldByFile = access(acceptLossPath, F_OK) == 0
        if let key = try MasterKey.find(state: path, databaseExists: hasDatabase) {
            let store = try store(creates: false, acceptsLoss: acceptsLoss || isToldByFile)
            if isToldByFile { unlink(acceptLossPath) }
            return (store, key)
        }
        if hasDatabase {
            throw ApplianceFailure(
                "\(path)/\(MasterKey.name) is missing: without it the secrets in the database cannot be read.")
        }
        let key = try MasterKey.prepare(state: path)
        let store = try store(creates: true, acceptsLoss: acceptsLoss || isToldByFile)
        try MasterKey.adopt(state: path)
        if isToldByFile { unlink(acceptLossPath) }
        return (store, key)
    }

    /// Makes an empty database, and a key with it where there is none.
    /// - Parameter makesKey: false where the key is passed to the service as a credential.
    /// - Returns: false when there is a database already, which stays as it is.
    /// - Throws: `ApplianceFailure`.
    func initialize(makesKey: Bool, acceptsLoss: Bool) async throws -> Bool {
        if hasDatabase { return false }
        let needsKey = try makesKey && MasterKey.find(state: path, databaseExists: false) == nil
        if needsKey { _ = try MasterKey.prepare(state: path) }
        await (try store(creates: true, acceptsLoss: acceptsLoss)).close()
        if needsKey { try MasterKey.adopt(state: path) }
        return true
    }

    private func store(creates: Bool, acceptsLoss: Bool) throws -> Store {
        do {
            return try Store(directory: path, creates: creates, acceptsLoss: acceptsLoss)
        } catch {
            throw ApplianceFailure(error)
        }
    }
}
