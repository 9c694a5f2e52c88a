import Messaging

/// The language that a page is shown in.
typealias Language = User.Language

/// A page says each of its sentences in both languages, side by side, so that neither can lack one or differ in what it
/// names: `l("余额约可用 \(days) 天", "Lasts for about \(days) days")`.
extension User.Language {
    /// The text of the two that is in this language.
    func callAsFunction(_ chinese: @autoclosure () -> String, _ english: @autoclosure () -> String) -> String {
        switch self {
        case .chinese: chinese()
        case .english: english()
        }
    }

    /// The same with markup in it.
    func html(_ chinese: @autoclosure () -> HTML, _ english: @autoclosure () -> HTML) -> HTML {
        switch self {
        case .chinese: chinese()
        case .english: english()
        }
    }

    /// The other one, for the switch.
    var other: User.Language { self == .chinese ? .english : .chinese }

    /// As it calls itself.
    var ownName: String { self == .chinese ? "中文" : "English" }

    /// The language that Accept-Language asks for first; Chinese unless English comes before it.
    init(acceptLanguage header: String?) {
        let tags = (header ?? "").split(separator: ",").map { $0.lowercased().drop { $0 == " " } }
        let first = tags.first { $0.hasPrefix("zh") || $0.hasPrefix("en") }
        self = first?.hasPrefix("en") == true ? .english : .chinese
    }
}
