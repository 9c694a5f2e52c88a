/// One page without its shell.
struct Page: Sendable {
    /// Also the heading.
    var title: String
    /// The entry of the navigation that it belongs to; nil for a page before the login.
    var section: Section?
    /// Quiet words below the heading.
    var lead = HTML.empty
    /// Links and buttons beside the heading.
    var actions = HTML.empty
    /// The pages above it: titles and paths below `/portal/`.
    var crumbs: [(title: String, path: String)] = []
    /// What is below the heading.
    var body: HTML
    /// Without script the browser loads the page again after so many seconds; nil: never.
    var refreshSeconds: Int?
    /// A form was refused: the title says so, too.
    var hasErrors = false

    /// An entry of the navigation; the raw value is its path below `/portal/`.
    enum Section: String, Sendable, CaseIterable {
        case home = ""
        case send, records, replies, bills
        case users, accounts, templates, api, tasks
        case toDo = "operator"
        case customers = "operator/customers"
        case channels = "operator/channels"
        case routes = "operator/routes"
        case review = "operator/templates"
        case allRecords = "operator/records"
        case inbound = "operator/inbound"
        case finance = "operator/finance"
        case operators = "operator/users"
        case audit = "operator/audit"
        case settings = "operator/settings"
    }
}
