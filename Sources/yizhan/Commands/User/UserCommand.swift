import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan user …`
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People who log in to the pages: customers' and operators'.",
        subcommands: [
            UserAddCommand.self, UserListCommand.self, UserSetCommand.self, UserDisableCommand.self,
            UserEnableCommand.self, UserResetPasswordCommand.self, UserResetTOTPCommand.self,
            UserSessionsCommand.self,
        ])
}

/// A user's name on the command line.
struct UserNameArgument: ExpressibleByArgument {
    let name: String

    /// Nil unless it can be a name.
    init?(argument: String) {
        name = argument
        guard User.isValidName(name) else { return nil }
    }
}

/// `send,records`, or an empty text for none.
struct RightsArgument: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { String($0) }
        guard names.allSatisfy({ UserRights(name: $0) != nil }) else { return nil }
    }
}

extension UserRights {
    fileprivate static let help = """
        With commas between: of customers' users \(ofCustomers.names.joined(separator: ", ")); of operators \
        \(ofOperators.names.joined(separator: ", ")).
        """
}

/// `yizhan user add NAME`
struct UserAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Makes a user, and prints a link for the first password, which is good once and for 30 minutes.")

    @Argument(help: "2 to 64 letters, digits, dots, underscores, hyphens and @.")
    var name: UserNameArgument

    @Option(help: ArgumentHelp("A customer's user: its account.", valueName: "id"))
    var account: AccountIDArgument?

    @Flag(help: "An operator's user.")
    var `operator` = false

    @Option(help: ArgumentHelp(stringLiteral: UserRights.help + " Without it: all of them."))
    var rights: RightsArgument?

    @Option(help: "What its pages are written in.")
    var language = User.Language.chinese

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        guard (account != nil) != `operator` else {
            throw ValidationError("Say whose user it is: either --account ID or --operator.")
        }
        if let rights, rights.names.isEmpty {
            throw ValidationError("--rights names at least one right; leave it out for all of them.")
        }
    }

    func run() throws {
        var add = AdminUserAdd()
        add.name = name.name
        add.account = account?.id ?? ""
        add.rights = rights?.names ?? []
        add.language = language.rawValue
        try admin.show(try admin.connected { try $0.userLink(.userAdd(add)) })
    }
}

/// `yizhan user list`
struct UserListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists users by name.")

    @Option(help: ArgumentHelp("Only those of this account.", valueName: "id"))
    var account: AccountIDArgument?

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let account = account?.id ?? ""
        let users = try admin.connected { try $0.allUsers(of: account) }
        try admin.show(
            json: .object([("users", .array(users.map { UserView($0).json }))]), text: UserView.table(users))
    }
}

/// `yizhan user set NAME`
struct UserSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes what is given of a user. When its rights change, its sessions end.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @Option(help: ArgumentHelp(stringLiteral: UserRights.help + " Replaces all that it has; '' takes all away."))
    var rights: RightsArgument?

    @Option(help: "What its pages are written in.")
    var language: User.Language?

    @Flag(inversion: .prefixedNo, help: "It has to change its password before it does anything else.")
    var changePassword: Bool?

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if rights == nil, language == nil, changePassword == nil {
            throw ValidationError("Say what to change: see 'yizhan user set --help'.")
        }
    }

    func run() throws {
        var set = AdminUserSet()
        set.name = name.name
        if let rights { set.rights.texts = rights.names }
        if let rights, rights.names.isEmpty { set.rights = AdminTexts() }
        if let language { set.language = language.rawValue }
        if let changePassword { set.mustChangePassword = changePassword }
        try admin.show(try admin.connected { try $0.user(.userSet(set)) })
    }
}

/// `yizhan user disable NAME`
struct UserDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Lets a user in no more, and ends its sessions.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminUserEnable()
        enable.name = name.name
        try admin.show(try admin.connected { try $0.user(.userEnable(enable)) })
    }
}

/// `yizhan user enable NAME`
struct UserEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Lets a user in again.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var enable = AdminUserEnable()
        enable.name = name.name
        enable.enabled = true
        try admin.show(try admin.connected { try $0.user(.userEnable(enable)) })
    }
}

/// `yizhan user reset-password NAME`
struct UserResetPasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password",
        abstract: "Takes a user's password away, ends its sessions, and prints a link for another password.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var reset = AdminUserResetPassword()
        reset.name = name.name
        try admin.show(try admin.connected { try $0.userLink(.userResetPassword(reset)) })
    }
}

/// `yizhan user reset-totp NAME`
struct UserResetTOTPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-totp",
        abstract: "Takes a user's authenticator app and recovery codes away, and ends its sessions.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var reset = AdminUserResetTotp()
        reset.name = name.name
        try admin.show(try admin.connected { try $0.user(.userResetTotp(reset)) })
    }
}

/// `yizhan user sessions NAME`
struct UserSessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Lists the browsers in which a user is logged in, or ends their sessions.")

    @Argument(help: "The user's name.")
    var name: UserNameArgument

    @Option(help: ArgumentHelp("Ends this session, and lists those that are left.", valueName: "session"))
    var end: String?

    @Flag(help: "Ends all sessions of the user.")
    var endAll = false

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if end != nil, endAll { throw ValidationError("Either --end or --end-all.") }
        if let end, SessionID(end) == nil {
            throw ValidationError("'\(end)' is no session: see 'yizhan user sessions \(name.name)'.")
        }
    }

    func run() throws {
        let (name, end, endAll) = (name.name, end, endAll)
        let sessions = try admin.connected { client in
            guard end != nil || endAll else {
                var list = AdminUserSessionList()
                list.name = name
                return try client.userSessions(.userSessionList(list))
            }
            var ending = AdminUserSessionEnd()
            ending.name = name
            ending.session = end ?? ""
            return try client.userSessions(.userSessionEnd(ending))
        }
        try admin.show(
            json: .object([("sessions", .array(sessions.map { UserView.json(of: $0) }))]),
            text: UserView.table(sessions))
    }
}
