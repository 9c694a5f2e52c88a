import Glibc
import Secrets
import Systemd

/// The key under which secrets are sealed: systemd's credential `master.key`, else `master.key` in the state folder,
/// which is made when there is no database yet.
enum MasterKey {
    static let name = "master.key"

    static func load(state: String, databaseExists: Bool) throws -> SealingKey {
        if let bytes = Credentials.read(name: name) { return try key(bytes, from: "the credential \(name)") }
        let path = state + "/" + name
        if let bytes = try read(path) { return try key(bytes, from: path) }
        if databaseExists {
            throw ApplianceFailure("\(path) is missing: without it the secrets in the database cannot be read.")
        }
        let made = try SealingKey.generate()
        try write(made.bytes, to: path)
        return made
    }

    private static func key(_ bytes: [UInt8], from place: String) throws -> SealingKey {
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
