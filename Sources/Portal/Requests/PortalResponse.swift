import NIOHTTP1

/// What a page's handler gives back.
enum PortalResponse: Sendable {
    /// A page with its shell.
    case page(Page, status: HTTPResponseStatus = .ok)
    /// A piece of a page, for the script that polls it.
    case fragment(HTML)
    /// To another page after a form (303), below `/portal/`: `records?id=5`; with what is said there once.
    case redirect(String, notice: Notice? = nil)
    /// A file of the state folder, which the browser saves under `name`.
    case download(path: String, name: String, type: DownloadType)

    enum DownloadType: String, Sendable {
        case csv = "text/csv; charset=utf-8"
        case xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case other = "application/octet-stream"
    }

    /// Changes a cookie as well.
    indirect case withCookie(PortalResponse, CookieChange)
}

/// What becomes of one of our cookies with an answer.
enum CookieChange: Sendable {
    /// The session that the browser is to name from now on.
    case session(String)
    case endSession
    case language(Language)
}

/// A sentence about what was done, shown once on the next page. Its text is made there from `kind` and `subject`, so
/// that a link from elsewhere cannot put words into our page.
struct Notice: Hashable, Sendable {
    /// The sentences that there are.
    enum Kind: String, Sendable, CaseIterable {
        case saved, added, removed, sent, cancelled, enabled, disabled, started, passwordChanged, loggedOut, revoked
    }

    var kind: Kind
}

/// Why a request gets no page.
enum PageFailure: Error, Sendable {
    /// There is none, or it is somebody else's.
    case notFound
    /// The user lacks the right.
    case forbidden
    /// A login is needed.
    case unauthenticated
    /// The password has to be given again before this.
    case stale
    /// The form comes from another site, or its fields cannot have come from our page.
    case badRequest
    /// Too much at once; try again.
    case busy
    /// The store fails, in words for the operator's log.
    case failed(String)
}
