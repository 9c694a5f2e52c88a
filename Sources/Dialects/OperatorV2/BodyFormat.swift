public import Messaging

extension OperatorV2 {
    /// How a body is written. Answers to forms are JSON.
    public enum BodyFormat: Hashable, Sendable, CaseIterable {
        case json, xml, form

        /// Of a request's Content-Type; parameters and case do not matter.
        /// - Throws: `Rejection.unsupportedContentType` when it is missing or anything but JSON, XML and form.
        public init(contentType: String?) throws(Rejection) {
            // Nearly all are written just so.
            if contentType == "application/json" {
                self = .json
                return
            }
            let type = (contentType ?? "").prefix { $0 != ";" }.trimmed().lowercased()
            switch type {
            case "application/json", "text/json": self = .json
            case "application/xml", "text/xml": self = .xml
            case "application/x-www-form-urlencoded": self = .form
            default: throw .unsupportedContentType
            }
        }

        /// Of a body, by what it begins with: carriers name types that their pushes are not in. What is neither JSON
        /// nor XML counts as a form.
        init(sniffing body: WireBytes) {
            switch body.withoutMark.first(where: { !WireBytes.isSpace($0) }) {
            case UInt8(ascii: "{"), UInt8(ascii: "["): self = .json
            case UInt8(ascii: "<"): self = .xml
            default: self = .form
            }
        }

        /// The Content-Type of a request in this format.
        public var contentType: String {
            switch self {
            case .json: "application/json"
            case .xml: "application/xml"
            case .form: "application/x-www-form-urlencoded"
            }
        }

        /// The Content-Type of the answer to a request in this format.
        public var answerContentType: String {
            switch self {
            case .json, .form: "application/json;charset=utf-8"
            case .xml: "application/xml;charset=utf-8"
            }
        }
    }
}
