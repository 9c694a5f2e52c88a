import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan template …`
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "The texts that an account may send.",
        subcommands: [TemplateAddCommand.self, TemplateListCommand.self, TemplateRemoveCommand.self])
}

extension AdminClient {
    fileprivate func template(_ call: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminTemplate {
        guard case .template(let template) = try self.call(call) else { throw Self.unexpected }
        return template
    }
}

extension AdminTemplate {
    fileprivate var view: JSONText {
        .object([("account", .string(account)), ("id", .string(id)), ("text", .string(text))])
    }
}

extension AdminOptions {
    fileprivate func show(_ template: AdminTemplate) throws {
        try show(
            json: template.view,
            text: TextTable.pairs([
                ("account", template.account), ("template", template.id), ("text", template.text),
            ]))
    }
}

/// `yizhan template add ID TEXT`
struct TemplateAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Approves a text; {1}, {2} … in it stand for anything of at least a character.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "The text, as 您的验证码是{1}，{2}分钟内有效.")
    var text: String

    @Option(
        help: ArgumentHelp(
            "What the dialect yixintong names it by in templateId; without it, the first number that is free.",
            valueName: "template"))
    var template: String?

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if let template, !Template.isValidID(template) {
            throw ValidationError("--template takes 1 to 20 letters and digits, and not 0.")
        }
    }

    func run() throws {
        var add = AdminTemplateAdd()
        add.account = id.id
        add.id = template ?? ""
        add.text = text
        try admin.show(try admin.connected { try $0.template(.templateAdd(add)) })
    }
}

/// `yizhan template list ID`
struct TemplateListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists an account's templates.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let account = id.id
        let templates = try admin.connected { try $0.allTemplates(of: account) }
        var table = TextTable([("TEMPLATE", .left), ("TEXT", .left)])
        for template in templates { table.add([template.id, template.text]) }
        try admin.show(json: .object([("templates", .array(templates.map(\.view)))]), text: table.text)
    }
}

/// `yizhan template remove ID TEMPLATE`
struct TemplateRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a template, and shows what it was.")

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Argument(help: "The template's own id.")
    var template: String

    @OptionGroup var admin: AdminOptions

    func run() throws {
        var remove = AdminTemplateRemove()
        remove.account = id.id
        remove.id = template
        try admin.show(try admin.connected { try $0.template(.templateRemove(remove)) })
    }
}
