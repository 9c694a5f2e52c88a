import AdminProtocol
import ArgumentParser

/// `yizhan route …`
struct RouteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Which channels messages take.",
        subcommands: [
            RouteAddCommand.self, RouteListCommand.self, RouteShowCommand.self, RouteSetCommand.self,
            RouteDisableCommand.self, RouteEnableCommand.self, RouteRemoveCommand.self, RouteExplainCommand.self,
            PortedCommand.self,
        ])
}

extension AdminClient {
    /// A request whose answer is a route.
    func route(_ call: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminRoute {
        guard case .route(let route) = try self.call(call) else { throw Self.unexpected }
        return route
    }
}

extension AdminOptions {
    /// Prints the route as it is after a command.
    func show(_ route: AdminRoute) throws {
        try show(json: RouteView(route).json, text: RouteView(route).text)
    }
}

/// `yizhan route list`
struct RouteListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the routes.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let routes = try admin.connected { try $0.allRoutes() }.map { RouteView($0) }
        try admin.show(json: .object([("routes", .array(routes.map(\.json)))]), text: RouteView.table(routes))
    }
}

/// `yizhan route show NAME`
struct RouteShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows a route.")

    @Argument(help: "The route's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var show = AdminRouteShow()
        show.name = name
        try admin.show(try admin.connected { try $0.route(.routeShow(show)) })
    }
}

/// `yizhan route explain ID MOBILE`
struct RouteExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says which channel a message would take now, and why.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "The number that it would go to.")
    var mobile: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var explain = AdminRouteExplain()
        explain.account = id.id
        explain.mobile = mobile
        let explanation = try admin.connected { client throws(AdminClientError) in
            guard case .routeExplanation(let explanation) = try client.call(.routeExplain(explain)) else {
                throw AdminClient.unexpected
            }
            return explanation
        }
        let view = RouteExplanationView(explanation)
        try admin.show(json: view.json, text: view.text)
    }
}
