import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// An answer in the form in which it travels to the connection's event loop.
struct RenderedResponse: Sendable {
    private var response: HTTPResponse
    /// Values of Set-Cookie.
    var cookies: [String] = []

    init(_ response: HTTPResponse) { self.response = response }

    init(html: HTML, status: HTTPResponseStatus) {
        response = HTTPResponse(
            status: status, contentType: "text/html; charset=utf-8", body: ByteBuffer(string: html.markup))
    }

    /// After a form: 303, so that going back and loading again sends nothing twice.
    init(redirect path: String) {
        response = HTTPResponse(status: .seeOther)
        ResponseHeaders.add("Location", path, to: &response)
    }

    /// - Parameter name: for people; any text.
    init(file: FileBody, name: String, type: PortalResponse.DownloadType) {
        response = HTTPResponse(contentType: type.rawValue, file: file)
        let plain = String(
            name.unicodeScalars.map { scalar in
                let isPlain =
                    scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7F
                    && !"\"\\;%".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "_"
            })
        ResponseHeaders.add(
            "Content-Disposition", "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(FormFields.encoded(name))",
            to: &response)
    }

    /// With the fields that every answer has.
    func finished(isSecure: Bool) -> HTTPResponse {
        var response = response
        ResponseHeaders.add(to: &response, isSecure: isSecure)
        for cookie in cookies { ResponseHeaders.add("Set-Cookie", cookie, to: &response) }
        return response
    }
}

/// The cookies of the pages.
enum PortalCookie {
    /// `__Host-`: only over TLS, from no other host and for no other path.
    static func sessionName(isSecure: Bool) -> String { isSecure ? "__Host-yizhan" : "yizhan" }
    static let language = "yizhan-language"
    private static let year = 31_536_000

    /// The value of Set-Cookie.
    static func header(_ change: CookieChange, isSecure: Bool) -> String {
        let attributes = "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
        switch change {
        case .session(let value): return "\(sessionName(isSecure: isSecure))=\(value)\(attributes)"
        case .endSession: return "\(sessionName(isSecure: isSecure))=; Max-Age=0\(attributes)"
        case .language(let language): return "\(self.language)=\(language.rawValue); Max-Age=\(year)\(attributes)"
        }
    }
}
