/// What an account's messages must not be. All off by default.
public struct ScreeningRules: Sendable {
    /// A content has to match one of the templates, in whatever dialect it comes.
    public var requiresTemplate: Bool
    /// A content has to carry the account's signature itself, instead of getting it put in front.
    public var checksSignature: Bool
    /// Messages to numbers on the account's blacklist are not sent, not charged, and reported as MBBLACK.
    public var usesBlacklist: Bool
    /// A reply of T, TD, N, R or 退订 puts its number on the account's blacklist, which is heeded then.
    public var takesOptOuts: Bool
    /// At most `FrequencyLimit.limitsMax`; a message must keep to each.
    public var limits: [FrequencyLimit]
    /// The account's approved texts.
    public var templates: [Template]
    /// Blocked words, of which none may be in a content. Setting them builds the automaton of `WordFilter` anew.
    public var words: [String] { didSet { filter = WordFilter(words) } }
    private var filter: WordFilter

    /// With the defaults nothing is checked.
    public init(
        requiresTemplate: Bool = false, checksSignature: Bool = false, usesBlacklist: Bool = false,
        takesOptOuts: Bool = false, limits: [FrequencyLimit] = [], templates: [Template] = [], words: [String] = []
    ) {
        self.requiresTemplate = requiresTemplate
        self.checksSignature = checksSignature
        self.usesBlacklist = usesBlacklist
        self.takesOptOuts = takesOptOuts
        self.limits = limits
        self.templates = templates
        self.words = words
        filter = WordFilter(words)
    }

    /// A rule that can keep a message from being sent; the name is what a rejection and a message's timeline say.
    public enum Rule: String, Sendable, CaseIterable {
        /// The raw values are the names that rejections and timelines give.
        case template, signature, word, frequency, blacklist

        /// The final status of a message that it keeps back.
        public var status: DeliveryStatus { self == .blacklist ? .blacklisted : .rejected }
        /// What a message's timeline says of it.
        public var detail: String { "rule \(rawValue)" }
    }

    /// Whether there is anything to be looked at in a submission.
    public var isActive: Bool {
        requiresTemplate || checksSignature || heedsBlacklist || !limits.isEmpty || !filter.isEmpty
    }

    /// Whether the account's blacklist keeps messages back: an account that takes opt-outs keeps to them.
    public var heedsBlacklist: Bool { usesBlacklist || takesOptOuts }

    /// Judges a content.
    /// - Parameters:
    ///   - templateID: the template that the customer names; empty for none.
    ///   - signature: the account's own.
    /// - Throws: `contentRejected` with the rule's name.
    public func judge(_ content: String, templateID: String, signature: String) throws(Rejection) {
        if !templateID.isEmpty || requiresTemplate {
            let approved = templates.contains {
                (templateID.isEmpty || $0.id == templateID) && Self.matches($0, content, signature)
            }
            if !approved { throw .contentRejected(rule: Rule.template.rawValue) }
        }
        if checksSignature, !Self.isSigned(content, signature) {
            throw .contentRejected(rule: Rule.signature.rawValue)
        }
        if filter.finds(in: content) { throw .contentRejected(rule: Rule.word.rawValue) }
    }

    /// The account's signature at either end is no part of a template's text, unless the template has it itself.
    private static func matches(_ template: Template, _ content: String, _ signature: String) -> Bool {
        if template.matches(content) { return true }
        guard !signature.isEmpty else { return false }
        if content.hasPrefix(signature) { return template.matches(String(content.dropFirst(signature.count))) }
        return content.hasSuffix(signature) && template.matches(String(content.dropLast(signature.count)))
    }

    /// Whether a content begins or ends with the signature; an account without one may use any `【…】`.
    private static func isSigned(_ content: String, _ signature: String) -> Bool {
        if !signature.isEmpty { return content.hasPrefix(signature) || content.hasSuffix(signature) }
        if content.hasPrefix("【"), let end = content.firstIndex(of: "】") {
            return content.index(after: content.startIndex) < end
        }
        if content.hasSuffix("】"), let start = content.lastIndex(of: "【") {
            return content.index(after: start) < content.index(before: content.endIndex)
        }
        return false
    }

    /// The number that a reply puts on the account's blacklist; nil: none.
    public func optOut(by reply: CarrierReply) -> PhoneNumber? {
        takesOptOuts && Self.isOptOut(reply.content) ? PhoneNumber(reply.mobile) : nil
    }

    /// Whether a reply asks for nothing more to be sent: T, TD, N, R or 退订, in either case and width, with nothing
    /// else but blanks and full stops.
    public static func isOptOut(_ reply: String) -> Bool {
        var word = ""
        for scalar in reply.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20, 0x3000, 0x2E, 0x3002: continue
            // Full-width letters.
            case 0xFF21...0xFF3A, 0xFF41...0xFF5A:
                word.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value & 0xFF) + 0x20))
            default: word.unicodeScalars.append(scalar)
            }
            if word.utf8.count > optOutBytesMax { return false }
        }
        return optOutWords.contains(word.uppercased())
    }

    private static let optOutWords: Set<String> = ["T", "TD", "N", "R", "退订"]
    private static let optOutBytesMax = 6
}
