/// The path of a push, `/callback/CHANNEL/TOKEN`: `callback` in any letter case, slashes doubled, or one at the end.
struct CallbackPath: Equatable, Sendable {
    let channel: String
    let token: String

    /// Nil for any other path.
    init?(_ path: String) {
        guard path.hasPrefix("/") else { return nil }
        let parts = path.split(separator: "/", maxSplits: 4)
        guard parts.count == 3, parts[0].lowercased() == "callback" else { return nil }
        channel = String(parts[1])
        // Tokens are lower-case; some carriers store addresses in capitals.
        token = parts[2].lowercased()
    }
}
