import Messaging
import NIOHTTP1
import Testing

@testable import Portal

/// Who gets to which page, before any page has a say.
@Suite struct RouterTests {
    @Test func `literal paths come before names, and other methods are named`() {
        let table = RouteTable([
            .get("a/:id", .everyone) { _ in .fragment("name") }, .get("a/b", .everyone) { _ in .fragment("literal") },
            .post("a/c", .everyone) { _ in .fragment("post") },
        ])
        func pattern(_ method: HTTPMethod, _ path: [String]) -> String {
            switch table.find(method, path) {
            case .route(let route, let parameters): route.pattern + parameters.map { " \($0)=\($1)" }.joined()
            case .otherMethod(let allow): "allow \(allow)"
            case .nothing: "nothing"
            }
        }
        #expect(pattern(.GET, ["a", "b"]) == "a/b")
        #expect(pattern(.HEAD, ["a", "x"]) == "a/:id id=x")
        #expect(pattern(.POST, ["a", "b"]) == "allow GET")
        #expect(pattern(.GET, ["a", "b", "c"]) == "nothing")
    }

    @Test func `no two routes have the same method and pattern`() {
        let names = Portal.routes.map { route in
            "\(route.method) "
                + route.pattern.split(separator: "/").map { $0.hasPrefix(":") ? ":" : $0 }.joined(separator: "/")
        }
        #expect(Set(names).count == names.count)
    }

    @Test func `every page that needs a login sends a stranger to it, and no form is carried out`() async throws {
        try await PortalHouse.with { house in
            for route in Portal.routes where route.access != .everyone {
                let path = Self.path(route)
                if route.method == .GET {
                    let answer = await house.get(path, as: .nobody)
                    #expect(answer.status == 303 && answer.location.hasPrefix("/portal/login"), "GET \(path)")
                } else {
                    #expect(await house.post(path, as: .nobody).status == 401, "POST \(path)")
                }
            }
        }
    }

    @Test func `a user without the right is refused, and the other kind of user finds nothing`() async throws {
        try await PortalHouse.with { house in
            for route in Portal.routes {
                let path = Self.path(route)
                func status(_ role: PortalHouse.Role) async -> UInt {
                    route.method == .GET
                        ? await house.get(path, as: role).status : await house.post(path, as: role).status
                }
                switch route.access {
                case .everyone, .anyUser: continue
                case .customer(let rights):
                    #expect(await status(.operators()) == 404, "\(path)")
                    if !rights.isEmpty { #expect(await status(.customer([])) == 403, "\(path)") }
                case .operators(let rights):
                    #expect(await status(.customer()) == 404, "\(path)")
                    if !rights.isEmpty { #expect(await status(.operators([])) == 403, "\(path)") }
                }
            }
        }
    }

    @Test func `a form from another site is refused on every route`() async throws {
        try await PortalHouse.with { house in
            for route in Portal.routes where route.method == .POST {
                for origin in ["http://evil", "null", nil] {
                    let answer = await house.post(Self.path(route), as: .customer(), origin: origin)
                    #expect(answer.status == 400, "\(route.pattern) from \(origin ?? "nowhere")")
                }
            }
        }
    }

    @Test func `every answer forbids foreign content, frames and keeping`() async throws {
        try await PortalHouse.with { house in
            for answer in [await house.get("no-such-page"), await house.get("login", as: .nobody)] {
                let fields = Dictionary(answer.headers.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
                #expect(fields["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'self'") == true)
                #expect(fields["X-Content-Type-Options"] == "nosniff")
                #expect(fields["Cache-Control"] == "no-store")
                #expect(fields["Referrer-Policy"] == "same-origin")
                #expect(fields["Strict-Transport-Security"] == nil)
            }
        }
    }

    @Test func `the language switch keeps to our pages`() async throws {
        try await PortalHouse.with { house in
            let answer = await house.post("language", [("to", "en"), ("back", "//evil")], as: .nobody)
            #expect(answer.status == 303 && answer.location == "/portal/")
            #expect(answer.headers.contains { $0.0 == "Set-Cookie" && $0.1.hasPrefix("yizhan-language=en; ") })
            #expect(await house.post("language", [("to", "fr")], as: .nobody).status == 400)
        }
    }

    @Test func `pages that are made at once have a bound, in all and for an address`() {
        var load = PortalLoad()
        func taken(_ address: UInt8, times: Int) -> Int { (0..<times).count { _ in load.begin([address]) } }
        #expect(taken(1, times: 30) == PortalLoad.addressMax)
        #expect(taken(2, times: 30) == PortalLoad.addressMax)
        #expect(taken(3, times: 30) == PortalLoad.max - 2 * PortalLoad.addressMax)
        load.end([1])
        #expect(taken(9, times: 2) == 1)
    }

    /// The route's path with something that is nothing's id in the place of its names.
    private static func path(_ route: PageRoute) -> String {
        route.pattern.split(separator: "/").map { $0.hasPrefix(":") ? "999999999" : String($0) }.joined(separator: "/")
    }
}
