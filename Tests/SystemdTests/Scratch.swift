import Glibc

/// A fresh folder under the system's temporary one; the caller removes it with `remove`.
struct Scratch {
    let path: String

    init() {
        var template = Array("/tmp/yizhan-systemd-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    func remove() {
        for name in ["socket", "master.key", "big"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    func write(_ bytes: [UInt8], to name: String) {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
    }
}

/// Ends an exit test: the exit code is all that its parent sees, so a check that fails names itself on stderr.
func require(_ condition: Bool, _ what: String) {
    guard !condition else { return }
    let line = Array("not true: \(what)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}
