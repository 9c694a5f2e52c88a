import AdminProtocol
import Administration
import ArgumentParser

/// `yizhan route add NAME …`
struct RouteAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Makes a route.")

    enum Settings: SettingSource {
        static let options = forAdd(RouteSettings.table.options)
    }

    @Argument(help: "A name for it.")
    var name: String

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if name.isEmpty { throw ValidationError("A route's name is not empty.") }
        if settings["channels"] == nil { throw ValidationError("A route needs at least one --channel.") }
    }

    func run() throws {
        var add = AdminRouteAdd()
        add.name = name
        add.settings = try settings.settings()
        try admin.show(try admin.connected { try $0.route(.routeAdd(add)) })
    }
}

/// `yizhan route set NAME …`
struct RouteSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is given of a route; a list that is given replaces the old one.")

    enum Settings: SettingSource {
        static let options = forSet(RouteSettings.table.options)
    }

    @Argument(help: "The route's name.")
    var name: String

    @OptionGroup var settings: SettingOptions<Settings>
    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if settings.isEmpty { throw ValidationError("Say what to change: see 'yizhan route set --help'.") }
    }

    func run() throws {
        var set = AdminRouteSet()
        set.name = name
        set.settings = try settings.settings()
        try admin.show(try admin.connected { try $0.route(.routeSet(set)) })
    }
}

/// `yizhan route disable NAME`
struct RouteDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Leaves a route out from now on.")

    @Argument(help: "The route's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminRouteEnable()
        enable.name = name
        try admin.show(try admin.connected { try $0.route(.routeEnable(enable)) })
    }
}

/// `yizhan route enable NAME`
struct RouteEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Uses a route again.")

    @Argument(help: "The route's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminRouteEnable()
        enable.name = name
        enable.enabled = true
        try admin.show(try admin.connected { try $0.route(.routeEnable(enable)) })
    }
}

/// `yizhan route remove NAME`
struct RouteRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a route, and shows what it was.")

    @Argument(help: "The route's name.")
    var name: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var remove = AdminRouteRemove()
        remove.name = name
        try admin.show(try admin.connected { try $0.route(.routeRemove(remove)) })
    }
}
