import Dialects
import Foundation
import Messaging
import Testing

/// What a dialect says of itself and what its INTERFACE.md says are the same.
struct DescriptionTests {
    private static func document(of dialect: DialectName) throws -> String {
        let folder =
            switch dialect {
            case .enterpriseOAuth2, .enterpriseJSON: "Enterprise"
            case .apiV1: "ApiV1"
            case .operatorV2: "OperatorV2"
            case .guodu: "Guodu"
            case .yixintong: "Yixintong"
            }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: root.appending(path: "Sources/Dialects/\(folder)/INTERFACE.md"), encoding: .utf8)
    }

    /// The codes that the section "Codes" lists.
    private static func codes(in document: String) throws -> [String] {
        let section = try #require(document.components(separatedBy: "## Codes\n").dropFirst().first)
        let list = section.components(separatedBy: "\n## ")[0].split(separator: "\n")[0]
        return list.components(separatedBy: CharacterSet(charactersIn: "·:")).compactMap { item in
            let word = item.split(separator: " ").first.map(String.init) ?? ""
            return Int(word) == nil ? nil : word
        }
    }

    @Test(arguments: DialectName.allCases)
    func `every endpoint and field is in INTERFACE.md, with its bound`(_ dialect: DialectName) throws {
        let document = try Self.document(of: dialect)
        for endpoint in dialect.description.endpoints {
            let name = endpoint.path.split(separator: "/").last ?? ""
            #expect(document.contains(name), "\(endpoint.path)")
            for field in endpoint.fields {
                #expect(document.contains(field.name), "\(field.name)")
                if let bound = field.lengthMax, [.numbers, .list, .count].contains(field.type) {
                    #expect(document.contains("\(bound)"), "\(field.name) \(bound)")
                }
            }
        }
        for credential in dialect.description.credentials { #expect(document.contains(credential.name)) }
    }

    @Test(arguments: DialectName.allCases)
    func `the codes are those of INTERFACE.md, with the same words`(_ dialect: DialectName) throws {
        let document = try Self.document(of: dialect)
        let codes = dialect.description.codes
        for code in codes { #expect(document.contains("\(code.code) \(code.meaning)"), "\(code.code)") }
        #expect(Set(try Self.codes(in: document)).isSubset(of: Set(codes.map(\.code))))
        #expect(Set(codes.map(\.code)).count == codes.count)
    }

    @Test(arguments: DialectName.allCases)
    func `the endpoints of a description are the paths that are served`(_ dialect: DialectName) {
        struct Paths: DialectVisitor {
            func visit<Customers>(_ dialect: Dialect<Customers>) -> [String] { dialect.customers.routes.map(\.path) }
        }
        #expect(Set(dialect.description.endpoints.map(\.path)).isSubset(of: Set(dialect.visit(Paths()))))
    }

    @Test func `the texts of a message's segments are those that are billed`() {
        for length in [0, 1, 70, 71, 134, 135, 1000] {
            let content = String(repeating: "长", count: length)
            let message = OutgoingMessage(
                sequence: 1, mobile: PhoneNumber(rawValue: 13_800_138_000), content: content, accessExtension: "",
                segments: Segmentation.count(of: content), acceptedAt: Timestamp(milliseconds: 0))
            #expect(message.segmentTexts.count == message.segments)
            #expect(message.segmentTexts.joined() == content)
        }
    }
}
