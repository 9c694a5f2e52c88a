import HTTPCore
import NIOCore
import Secrets

/// The stylesheet, the script and the icon, under addresses that hold a digest of their content: browsers keep them for
/// ever, and get new ones with a new version.
struct Assets: Sendable {
    /// Paths from the root.
    let style: String
    let script: String
    let icon: String
    private let files: [String: (type: String, bytes: ByteBuffer)]

    init() {
        var files: [String: (type: String, bytes: ByteBuffer)] = [:]
        func add(_ name: String, _ ending: String, _ type: String, _ bytes: [UInt8]) -> String {
            let digest = SHA256Digest.hex(bytes).prefix(16)
            let path = "\(Portal.root)assets/\(name).\(digest).\(ending)"
            files[path] = (type, ByteBuffer(bytes: bytes))
            return path
        }
        style = add("portal", "css", "text/css; charset=utf-8", PackageResources.portal_css)
        script = add("portal", "js", "text/javascript; charset=utf-8", PackageResources.portal_js)
        icon = add("icon", "svg", "image/svg+xml", PackageResources.icon_svg)
        self.files = files
    }

    /// Nil for a path that is none of them.
    func response(_ path: String) -> HTTPResponse? {
        guard let file = files[path] else { return nil }
        var response = HTTPResponse(contentType: file.type, body: file.bytes)
        ResponseHeaders.add(to: &response, caching: "public, max-age=31536000, immutable", isSecure: false)
        return response
    }
}
