import Administration
import Engine
import Messaging

/// What a handler of a page works with.
struct PageContext: Sendable {
    let portal: Portal
    let request: PortalRequest
    let visitor: Visitor
    /// The values of the pattern's `:names`.
    let parameters: [String: String]
    /// The moment that the page shows.
    let now: Timestamp

    /// Says a sentence in the visitor's language.
    var l: Language { visitor.language }
    var engine: Engine { portal.engine }
    /// Commands and queries on behalf of the visitor, recorded with its name and address.
    var administration: Administration {
        guard let login = visitor.login else { return portal.administration }
        return portal.administration.asked(by: .portalUser(login.user.name, address: address))
    }

    /// Of the browser, as text; empty where it is not known.
    var address: String { visitor.address?.description ?? "" }

    /// - Throws: `unauthenticated` without a login.
    func login() throws(PageFailure) -> PortalLogin {
        guard let login = visitor.login else { throw .unauthenticated }
        return login
    }

    /// The customer's account.
    /// - Throws: `notFound` for an operator, who has none.
    func account() throws(PageFailure) -> AccountEntry {
        guard let account = try login().account else { throw .notFound }
        return account
    }

    func has(_ rights: UserRights) -> Bool { visitor.login?.user.rights.isSuperset(of: rights) ?? false }

    /// Before money, secrets and full numbers.
    /// - Throws: `stale` when the password was given more than 30 minutes ago.
    func requireFreshLogin() throws(PageFailure) {
        guard try login().isFresh else { throw .stale }
    }

    /// A number as this user may see it.
    func shown(number: String) -> HTML { has(.fullNumbers) ? "\(number)" : "\(Format.masked(number))" }

    /// A parameter of the path as a number.
    /// - Throws: `notFound` for what is none.
    func integer(_ name: String) throws(PageFailure) -> Int64 {
        guard let text = parameters[name], let number = Int64(text), number >= 0 else { throw .notFound }
        return number
    }

    /// What the store or a check refused, as a page or a form's error.
    /// - Throws: everything that is no error of the form.
    func formErrors(_ error: AdministrationError) throws(PageFailure) -> FormErrors {
        switch error.kind {
        case .invalid, .alreadyExists:
            return FormErrors([(field: String(error.field.split(separator: ".").last ?? ""), message: error.message)])
        case .notFound: throw .notFound
        case .unavailable: throw .busy
        case .internal: throw .failed(error.message)
        }
    }
}

/// What is wrong with a form: said on top, and at each field.
struct FormErrors: Error, Sendable {
    private(set) var entries: [(field: String, message: String)]

    init(_ entries: [(field: String, message: String)] = []) { self.entries = entries }

    var isEmpty: Bool { entries.isEmpty }

    /// - Parameter field: the name of the field; empty for the form as a whole.
    mutating func add(_ field: String, _ message: String) { entries.append((field, message)) }

    subscript(field: String) -> String? { entries.first { $0.field == field }?.message }
}
