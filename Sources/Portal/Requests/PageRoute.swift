import Messaging
import NIOHTTP1

/// One page or action: who may ask for it, and what answers.
struct PageRoute: Sendable {
    /// Who may.
    enum Access: Hashable, Sendable {
        /// Without a login.
        case everyone
        /// Every user, also one who must change the password first.
        case anyUser
        /// A customer's user with these rights.
        case customer(UserRights)
        /// An operator with these rights, from one of the operators' networks.
        case operators(UserRights)
    }

    let method: HTTPMethod
    /// Below `/portal/`: `records/:id`.
    let pattern: String
    let access: Access
    let handle: @Sendable (PageContext) async throws -> PortalResponse
    private let segments: [Substring]

    static func get(
        _ pattern: String, _ access: Access, _ handle: @escaping @Sendable (PageContext) async throws -> PortalResponse
    ) -> PageRoute {
        PageRoute(.GET, pattern, access, handle)
    }

    static func post(
        _ pattern: String, _ access: Access, _ handle: @escaping @Sendable (PageContext) async throws -> PortalResponse
    ) -> PageRoute {
        PageRoute(.POST, pattern, access, handle)
    }

    private init(
        _ method: HTTPMethod, _ pattern: String, _ access: Access,
        _ handle: @escaping @Sendable (PageContext) async throws -> PortalResponse
    ) {
        (self.method, self.pattern, self.access, self.handle) = (method, pattern, access, handle)
        segments = pattern.split(separator: "/")
    }

    /// The values of the `:names` when the path is this route's; nil when it is not.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, path) {
            if segment.first == ":" {
                parameters[String(segment.dropFirst())] = part
            } else if segment != part {
                return nil
            }
        }
        return parameters
    }

    /// How specific the pattern is: literal segments come before names.
    var weight: Int { segments.count { $0.first != ":" } }
}

/// All routes of the pages. Each area of pages adds its own list.
struct RouteTable: Sendable {
    let routes: [PageRoute]

    init(_ routes: [PageRoute]) { self.routes = routes.sorted { $0.weight > $1.weight } }

    enum Found {
        case route(PageRoute, [String: String])
        /// The path exists, for other methods.
        case otherMethod(allow: String)
        case nothing
    }

    /// HEAD is answered as GET.
    func find(_ method: HTTPMethod, _ path: [String]) -> Found {
        let wanted = method == .HEAD ? HTTPMethod.GET : method
        var methods: Set<String> = []
        for route in routes {
            guard let parameters = route.match(path) else { continue }
            if route.method == wanted { return .route(route, parameters) }
            methods.insert(route.method.rawValue)
        }
        return methods.isEmpty ? .nothing : .otherMethod(allow: methods.sorted().joined(separator: ", "))
    }
}
