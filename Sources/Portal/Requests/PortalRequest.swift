import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// What a browser sent, read as far as every page needs it.
struct PortalRequest: Sendable {
    var method: HTTPMethod
    /// Below `/portal/`, split at slashes, decoded by nobody: page paths are plain.
    var path: [String]
    var query: FormFields
    /// Of the body; empty unless it is a form.
    var form = FormFields()
    /// Those of a form that brings files.
    var files: [UploadedFile] = []
    /// Whether the body is of a kind that no page takes.
    var isUnreadable = false
    var cookies: [String: String]
    var host: String?
    var origin: String?
    var fetchSite: String?
    var agent: String
    var acceptLanguage: String?
    /// Of the browser, or of whom a trusted proxy names.
    var address: IPAddress?
    /// Whether the browser speaks TLS with us or with a trusted proxy.
    var isSecure: Bool
}

extension PortalRequest {
    private static let agentMax = 200
    private static let cookiesMax = 50

    /// - Parameters:
    ///   - relativePath: what follows `/portal/`.
    ///   - address: of the peer, or as a trusted proxy names it.
    ///   - isSecure: whether the listener speaks TLS, or a trusted proxy said so.
    init(_ request: HTTPRequest, relativePath: Substring, address: [UInt8], isSecure: Bool) {
        method = request.method
        path = relativePath.split(separator: "/").map(String.init)
        query = FormFields(encoded: request.queryBytes.readableBytesView)
        cookies = Self.cookies(request.header("Cookie"))
        host = request.header("Host")
        origin = request.header("Origin")
        fetchSite = request.header("Sec-Fetch-Site")
        agent = String((request.header("User-Agent") ?? "").unicodeScalars.prefix(Self.agentMax))
        acceptLanguage = request.header("Accept-Language")
        self.address = IPAddress(bytes: address)
        self.isSecure = isSecure
        guard request.method == .POST, request.body.readableBytes > 0 else { return }
        let type = request.contentType ?? ""
        if type.lowercased().hasPrefix("multipart/form-data") {
            guard let multipart = MultipartForm(contentType: type, body: request.body) else {
                isUnreadable = true
                return
            }
            (form, files) = (multipart.fields, multipart.files)
        } else if type.isEmpty || type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            form = FormFields(encoded: request.body.readableBytesView)
        } else {
            isUnreadable = true
        }
    }

    /// The path again, from the root.
    var target: String { Portal.root + path.joined(separator: "/") }

    private static func cookies(_ header: String?) -> [String: String] {
        var cookies: [String: String] = [:]
        for pair in (header ?? "").split(separator: ";").prefix(cookiesMax) {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, cookies[String(parts[0])] == nil { cookies[String(parts[0])] = String(parts[1]) }
        }
        return cookies
    }
}
