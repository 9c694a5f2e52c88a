import Glibc
import Secrets
import Systemd

/// The key under which secrets are sealed: systemd's credential `master.key`, else `master.key` in the state folder,
/// which is made together with the database.
enum MasterKey {
    static let name = "master.key"
    /// What yizhan.service gives as the credential when the key's file is not there; without it systemd would end the
    /// start with a message that does not name the key.
    static let missingMark = "missing"
    /// It has this name until its database is there.
    private static let asideName = name + ".new"

    /// Nil when there is none.
    static func find(state: String, databaseExists: Bool) throws -> SealingKey? {
        if let bytes = Credentials.read(name: name) { return try key(bytes, from: "the credential \(name)") }
        let path = state + "/" + name
        if let bytes = try read(path) { return try key(bytes, from: path) }
        // A first start that was cut short between the database and the key's name.
        guard databaseExists, let bytes = try read(state + "/" + asideName) else { return nil }
        let found = try key(bytes, from: state + "/" + asideName)
        try adopt(state: state)
        return found
    }

    /// Makes one, under a name that does not count yet: a key without a database would be taken for one whose database
    /// is lost.
    static func prepare(state: String) throws -> SealingKey {
        let made = try SealingKey.generate()
        unlink(state + "/" + asideName)
        try write(made.bytes, to: state + "/" + asideName)
        return made
    }

    /// Gives the key that was prepared its name, once its database is there.
    static func adopt(state: String) throws {
        let path = state + "/" + name
        guard rename(state + "/" + asideName, path) == 0 else {
            throw ApplianceFailure("\(path) cannot be made: \(words(errno)).")
        }
    }

    private static func key(_ bytes: [UInt8], from place: String) throws -> SealingKey {
        if bytes == Array(missingMark.utf8) {
            throw ApplianceFailure(
                "The master key /etc/yizhan/\(name) is missing: without it the secrets in the database cannot be read. "
                    + "Put it back from your copy (mode 0600, root's), then: systemctl restart yizhan.")
        }
        guard bytes.count == SealingKey.byteCount else {
            throw ApplianceFailure("\(place) has \(bytes.count) bytes; a master key has \(SealingKey.byteCount).")
        }
        return try SealingKey(bytes: bytes)
    }

    private static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw ApplianceFailure("\(path) cannot be read: \(words(errno)).") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: SealingKey.byteCount + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw ApplianceFailure("\(path) cannot be read: \(words(errno)).") }
        return Array(bytes[..<count])
    }

    /// Durable before a secret is sealed with it.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ApplianceFailure("\(path) cannot be made: \(words(errno)).") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw ApplianceFailure("\(path) cannot be written: \(words(errno)).")
        }
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
