import Messaging

/// What every visitor has: the switch of the language.
enum CommonPages {
    static let routes: [PageRoute] = [
        .post("language", .everyone) { page in
            guard let language = Language(rawValue: page.request.form["to"]) else { throw PageFailure.badRequest }
            return .withCookie(.redirect(SafePath.relative(page.request.form["back"])), .language(language))
        }
    ]
}

/// A path that came from outside, as the target of a redirect.
enum SafePath {
    private static let bytesMax = 500

    /// The path below `/portal/`; empty, the first page, for everything that is not plainly one of ours.
    static func relative(_ path: String) -> String {
        let relative = path.hasPrefix(Portal.root) ? String(path.dropFirst(Portal.root.count)) : path
        let isPlain = relative.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "="), UInt8(ascii: "&"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
        guard isPlain, relative.utf8.count <= bytesMax, !relative.hasPrefix("/"), !relative.contains("//"),
            !relative.contains("..")
        else { return "" }
        return relative
    }
}
