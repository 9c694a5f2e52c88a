import HTTPCore

/// The header fields that every answer of the pages has.
enum ResponseHeaders {
    /// Nothing from elsewhere is loaded, nothing inline is run, and no other site can show our pages in a frame.
    private static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    static func add(to response: inout HTTPResponse, caching: String = "no-store", isSecure: Bool) {
        var fields = [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", caching),
            // With no-referrer a form on a page without TLS would carry `Origin: null`.
            ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ]
        if isSecure { fields.append(("Strict-Transport-Security", "max-age=31536000")) }
        for (name, value) in fields { add(name, value, to: &response) }
    }

    /// Adds a field whose value is ours or was checked; one that a header cannot carry is left out.
    static func add(_ name: String, _ value: String, to response: inout HTTPResponse) {
        do { try response.addHeader(name, value) } catch { assertionFailure("\(name): \(error)") }
    }
}
