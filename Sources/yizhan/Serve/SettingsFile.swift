import Configuration
import Glibc
import SystemPackage

/// The configuration file, read once by us before the library parses it, so that what is wrong is said in words.
enum SettingsFile {
    /// Throws an `Invalid` of `ServeSettings`.
    static func provider(_ path: String) async throws -> any ConfigProvider {
        if let words = unreadable(path) {
            throw ServeSettings.Invalid(
                description:
                    "\(path) cannot be read: \(words). It must be a file that the user of the service can read.")
        }
        do {
            return try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        } catch {
            throw ServeSettings.Invalid(description: "\(path) is not YAML: \(oneLine("\(error)"))")
        }
    }

    /// Why it cannot be read; nil when it can.
    private static func unreadable(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1) >= 0 ? nil : String(cString: strerror(errno))
    }

    /// The parser draws a picture of several lines; its first says where and what.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.prefix(2).joined(separator: " ")
    }
}
