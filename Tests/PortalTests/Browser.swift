import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

@testable import Portal

/// A browser that keeps its cookies, against the pages of a house: requests are recognised by their cookie.
struct Browser {
    let house: PortalHouse
    private(set) var cookies: [String: String] = [:]
    var address = "127.0.0.1"
    var language = "zh-CN"

    init(_ house: PortalHouse) { self.house = house }

    mutating func get(_ target: String) async -> PortalHouse.Answer {
        await send(.GET, target, [])
    }

    mutating func post(_ target: String, _ fields: [(String, String)] = []) async -> PortalHouse.Answer {
        await send(.POST, target, fields)
    }

    private mutating func send(
        _ method: HTTPMethod, _ target: String, _ fields: [(String, String)]
    ) async -> PortalHouse.Answer {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = PortalRequest(method: method, path: String(parts[0]))
        if parts.count > 1 { request.query = FormFields(encoded: parts[1].utf8) }
        for (name, value) in fields { request.form.append(name, value) }
        request.origin = "http://test"
        request.cookies = cookies
        request.acceptLanguage = language
        request.address = IPAddress(address)
        let response = await house.portal.respond(to: request).finished(isSecure: false)
        for field in response.fields where field.name == "Set-Cookie" { keep(field.value) }
        return PortalHouse.Answer(
            status: response.status.code, text: String(buffer: response.body),
            location: response.fields.first { $0.name == "Location" }?.value ?? "",
            headers: response.fields.map { ($0.name, $0.value) })
    }

    private mutating func keep(_ header: String) {
        let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        cookies[String(pair[0])] = header.contains("Max-Age=0") ? nil : String(pair[1])
    }

    /// Logs in with name and password.
    mutating func login(_ name: String, _ password: String, next: String = "") async -> PortalHouse.Answer {
        await post("login", [("name", name), ("password", password), ("next", next)])
    }
}
