import Administration
import Engine
import Messaging

extension Portal {
    /// Who is at the browser: by the session's cookie.
    func recognize(_ request: PortalRequest) async -> Visitor {
        let login = login(request)
        let chosen = request.cookies[PortalCookie.language].flatMap { Language(rawValue: $0) }
        return Visitor(
            language: chosen ?? login?.user.language ?? Language(acceptLanguage: request.acceptLanguage),
            address: request.address, agent: request.agent, isSecure: request.isSecure, login: login)
    }

    /// Nil also when the user's account is not there any more.
    private func login(_ request: PortalRequest) -> PortalLogin? {
        guard let cookie = request.cookies[PortalCookie.sessionName(isSecure: request.isSecure)],
            let known = administration.loggedIn(cookie: cookie)
        else { return nil }
        let account = known.user.home.account.flatMap { engine.accounts.directory.account(key: $0) }
        guard account != nil || known.user.home == .operators else { return nil }
        return PortalLogin(
            user: known.user, account: account, session: known.session,
            isFresh: known.session.isAuthenticated(at: engine.configuration.clock.now()), duty: known.duty)
    }
}
