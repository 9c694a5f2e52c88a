public import Administration
public import Engine
public import HTTPCore
public import Logging
import Messaging
import NIOHTTP1

/// The pages for customers and operators, rendered here, without script as well.
public final class Portal: Sendable {
    /// Every page is below this path.
    static let root = "/portal/"

    let engine: Engine
    let administration: Administration
    let configuration: PortalConfiguration
    let assets = Assets()
    let logger: Logger
    private let table: RouteTable

    /// - Parameter configuration: as `serve` has it.
    public init(engine: Engine, administration: Administration, configuration: PortalConfiguration, logger: Logger) {
        self.engine = engine
        self.administration = administration
        self.configuration = configuration
        self.logger = logger
        table = RouteTable(Self.routes)
    }

    /// To be given to a listener.
    public var service: any HTTPService { PortalService(portal: self) }

    /// All areas of pages.
    static let routes: [PageRoute] = [
        CommonPages.routes, LoginPages.routes, HomePages.routes, SendPages.routes, TaskPages.routes,
        RecordPages.routes, ReplyPages.routes, BillPages.routes, OwnUserPages.routes, UserPages.routes,
        AccountPages.routes, AlertPages.routes, CustomerTemplatePages.routes, InterfacePages.routes,
        OperatorPages.routes, AuditPages.routes,
    ].flatMap(\.self)

    // MARK: One request

    /// Finds out who asks, finds the route, and runs the handler under a deadline.
    func respond(to request: PortalRequest) async -> RenderedResponse {
        await respond(to: request, as: await recognize(request))
    }

    func respond(to request: PortalRequest, as visitor: Visitor) async -> RenderedResponse {
        do {
            return try await answer(request, visitor)
        } catch {
            return failure(error, request, visitor)
        }
    }

    private func answer(_ request: PortalRequest, _ visitor: Visitor) async throws(PageFailure) -> RenderedResponse {
        guard CrossSite.isAllowed(host: request.host, among: configuration.hosts) else { throw .notFound }
        switch table.find(request.method, request.path) {
        case .nothing: throw .notFound
        case .otherMethod(let allow): return RenderedResponse(.methodNotAllowed(allow: allow))
        case .route(let route, let parameters):
            if request.method == .POST { try checkForm(request) }
            if let elsewhere = try check(route, visitor, request) {
                return render(.redirect(elsewhere), request, visitor)
            }
            let context = PageContext(
                portal: self, request: request, visitor: visitor, parameters: parameters,
                now: engine.configuration.clock.now())
            return render(try await run(route, context), request, visitor)
        }
    }

    private func checkForm(_ request: PortalRequest) throws(PageFailure) {
        guard CrossSite.isSameOrigin(fetchSite: request.fetchSite, origin: request.origin, host: request.host),
            !request.isUnreadable
        else { throw .badRequest }
    }

    /// - Returns: where the user has to go first; nil when the route may answer.
    private func check(_ route: PageRoute, _ visitor: Visitor, _ request: PortalRequest) throws(PageFailure) -> String?
    {
        if route.access == .everyone { return nil }
        guard let login = visitor.login else { throw .unauthenticated }
        if login.account == nil, !isOperatorAddress(visitor.address) { throw .forbidden }
        switch route.access {
        case .everyone, .anyUser: return nil
        case .customer(let rights):
            guard login.account != nil else { throw .notFound }
            guard login.user.rights.isSuperset(of: rights) else { throw .forbidden }
        case .operators(let rights):
            guard login.account == nil else { throw .notFound }
            guard login.user.rights.isSuperset(of: rights) else { throw .forbidden }
        }
        switch login.duty {
        case .changePassword: return "password"
        case .enrolTOTP: return "me/totp"
        case nil: return nil
        }
    }

    /// Whether operators may work from there; an address that is not known is none of theirs.
    func isOperatorAddress(_ address: IPAddress?) -> Bool {
        guard let address else { return false }
        return configuration.operatorNetworks.contains { $0.contains(address) }
    }

    private static let deadline = Duration.seconds(30)

    /// Cancelled with the connection; a page that takes too long is given up.
    private func run(_ route: PageRoute, _ context: PageContext) async throws(PageFailure) -> PortalResponse {
        do {
            return try await withThrowingTaskGroup(of: PortalResponse.self) { group in
                group.addTask { try await route.handle(context) }
                group.addTask {
                    try await Task.sleep(for: Self.deadline)
                    throw PageFailure.busy
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw PageFailure.busy }
                return first
            }
        } catch let failure as PageFailure {
            throw failure
        } catch let error as AdministrationError {
            throw PageFailure(error)
        } catch let error as StoreFailure {
            throw PageFailure(error)
        } catch is CancellationError {
            throw .busy
        } catch {
            throw .failed("\(error)")
        }
    }

    // MARK: Rendering

    func render(_ response: PortalResponse, _ request: PortalRequest, _ visitor: Visitor) -> RenderedResponse {
        switch response {
        case .page(let page, let status):
            let notice = Notice.Kind(rawValue: request.query["done"]).map { Notice(kind: $0) }
            let shell = Shell(visitor: visitor, assets: assets, target: request.target, notice: notice)
            return RenderedResponse(html: shell.render(page), status: status)
        case .fragment(let html): return RenderedResponse(html: html, status: .ok)
        case .redirect(let path, let notice):
            let mark = notice.map { (path.contains("?") ? "&" : "?") + "done=\($0.kind.rawValue)" } ?? ""
            return RenderedResponse(redirect: Self.root + path + mark)
        case .download(let path, let name, let type):
            do throws(FileBody.OpenFailure) {
                return RenderedResponse(file: try FileBody(path: path), name: name, type: type)
            } catch {
                return failure(PageFailure.notFound, request, visitor)
            }
        case .withCookie(let response, let change):
            var rendered = render(response, request, visitor)
            rendered.cookies.append(PortalCookie.header(change, isSecure: visitor.isSecure))
            return rendered
        }
    }

    private func failure(_ failure: PageFailure, _ request: PortalRequest, _ visitor: Visitor) -> RenderedResponse {
        if case .unauthenticated = failure, request.method == .GET || request.method == .HEAD {
            let next = request.path.isEmpty ? "" : "?next=" + FormFields.encoded(request.path.joined(separator: "/"))
            return render(.redirect("login" + next), request, visitor)
        }
        if case .stale = failure {
            let next = FormFields.encoded(request.path.joined(separator: "/"))
            return render(.redirect("confirm?next=" + next), request, visitor)
        }
        if case .failed(let words) = failure {
            logger.error("a page failed", metadata: ["page": "\(request.target)", "error": "\(words)"])
        }
        let page = ErrorPage(failure: failure, visitor: visitor)
        return render(.page(page.page, status: page.status), request, visitor)
    }
}

extension PageFailure {
    /// What a command or query was refused for, where no form can show it.
    init(_ error: AdministrationError) {
        switch error.kind {
        case .notFound: self = .notFound
        case .invalid, .alreadyExists: self = .badRequest
        case .unavailable: self = .busy
        case .internal: self = .failed(error.message)
        }
    }

    init(_ failure: StoreFailure) {
        switch failure {
        case .notFound: self = .notFound
        case .busy, .closed: self = .busy
        default: self = .failed("\(failure)")
        }
    }
}
