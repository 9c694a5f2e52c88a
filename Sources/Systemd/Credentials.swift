import Glibc

/// Secrets handed over by the service manager (systemd.exec(5), `LoadCredential=`).
public enum Credentials {
    /// systemd refuses a larger credential itself.
    static let bytesMax = 1 << 20

    /// `$CREDENTIALS_DIRECTORY`; nil when the unit passes no credentials.
    public static var directory: String? {
        guard let value = getenv("CREDENTIALS_DIRECTORY") else { return nil }
        let path = String(cString: value)
        return path.isEmpty ? nil : path
    }

    /// The bytes of the credential `name`. Nil when there is no such credential, when it cannot be read, or when the
    /// name is not a plain file name.
    public static func read(name: String) -> [UInt8]? {
        guard let directory, !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/"))
        else { return nil }
        let descriptor = open(directory + "/" + name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return readAll(descriptor)
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= bytesMax else { return nil }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}
