import Testing

/// The scanner and the two readers that the tidy tests rest on.
struct TidyToolsTests {
    @Test func `comments, strings and quoted names are no code`() {
        let text = """
            let a = "{ // no" // {
            let b = #"\\" { "# /* { /* { */ { */ + 1
            func `{ init`() {}

            """
        let source = SwiftSource(text)
        #expect(source.code.count == text.utf8.count)
        #expect(
            source.codeLines.map { $0.split(separator: " ").joined(separator: " ") } == [
                "let a =", "let b = + 1", "func () {}",
            ])
    }

    @Test func `the inside of an interpolation is code, what follows it is string again`() {
        let source = SwiftSource(#"let a = "x\(list.map { "}" + f($0) }.count) {" + b"#)
        #expect(
            source.codeLines[0].split(separator: " ").joined(separator: " ")
                == "let a = list.map { + f($0) }.count) + b")
    }

    @Test func `a multi-line string ends at its own quotes`() {
        let fence = "\"\"\""
        let source = SwiftSource("let a = \(fence)\n  \"{\" \\\(fence) {\n  \(fence)\nlet b = 1\n")
        #expect(source.codeLines.map { $0.filter { $0 != " " } } == ["leta=", "", "", "letb=1"])
    }

    @Test func `functions are found with their length`() {
        let text = """
            protocol P {
                func bare(_ f: () -> Void) -> [Int]
                init()
                var x: Int { get }
            }
            struct S {
                init() { self.init(1) }
                func long(
                    _ body: () -> Void = { print("}") }
                ) async throws -> Int {
                    func inner() {
                    }
                    return .init()
                }
                subscript(index: Int) -> Int {
                    1
                }
                deinit {
                }
            }

            """
        #expect(
            SwiftSource(text).functions == [
                FunctionExtent(firstLine: 7, lastLine: 7), FunctionExtent(firstLine: 8, lastLine: 14),
                FunctionExtent(firstLine: 11, lastLine: 12), FunctionExtent(firstLine: 15, lastLine: 17),
                FunctionExtent(firstLine: 18, lastLine: 19),
            ])
    }

    @Test func `a function of 61 lines is too long, one of 60 is not`() {
        func lines(_ count: Int) -> Int? {
            let body = String(repeating: "    print(1)\n", count: count - 2)
            return SwiftSource("func f() {\n\(body)}\n").functions.first?.lineCount
        }
        #expect(lines(60) == 60)
        #expect(lines(61) == 61)
    }

    @Test(arguments: [
        ("let a = try! f()", true), ("let a = b as! C", true), ("class A: @unchecked  Sendable {", true),
        ("nonisolated(unsafe) var a = 1", true), ("let a = try? f()", false), ("a.retry!.b()", false),
        ("class A: Sendable {", false), ("let a = b as? C", false),
    ])
    func `forced steps are recognised`(_ code: String, _ isForced: Bool) {
        #expect(Forced.stands(in: code, isTest: false) == isForced)
    }

    @Test func `lines are measured in characters`() {
        #expect(TidyTests.fault(of: Substring(String(repeating: "测", count: 120))) == nil)
        #expect(TidyTests.fault(of: Substring(String(repeating: "测", count: 121))) != nil)
        #expect(TidyTests.fault(of: "a ") != nil)
        #expect(TidyTests.fault(of: "\ta") != nil)
        #expect(TidyTests.fault(of: "") == nil)
    }

    private static let manifest = """
        // swift-tools-version: 6.2
        let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
        let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
        let package = Package(
            name: "p", products: [.executable(name: "app", targets: ["app"])],
            dependencies: [.package(url: "https://example.org/swift-nio.git", from: "2.0.0")],
            targets: [
                .systemLibrary(name: "CThing", pkgConfig: "thing", providers: [.apt(["thing-dev"])]),
                .target(name: "A", swiftSettings: settings),  // .target(name: "No")
                .target(name: "B", dependencies: ["A", "CThing", nio, .product(name: "X", package: "x")]),
                .executableTarget(
                    name: "app", dependencies: [.target(name: "B"), .byName(name: "A"), log, "Other"]),
                .testTarget(name: "BTests", dependencies: ["B"]),
            ]
        )
        """

    @Test func `the manifest is read`() throws {
        #expect(
            try Manifest(Self.manifest).rooms == [
                "CThing": .init(), "A": .init(), "B": .init(targets: ["A", "CThing"], products: ["NIOCore", "X"]),
                "app": .init(targets: ["A", "B"], products: ["Logging", "Other"]),
            ])
        #expect(throws: Manifest.Unreadable.self) { try Manifest("let a = 1") }
        #expect(throws: Manifest.Unreadable.self) {
            try Manifest(#"Package(targets: [.target(name: "A", dependencies: [unknown])])"#)
        }
    }

    @Test func `a true map has no differences, a false one names each`() throws {
        let manifest = try Manifest(Self.manifest)
        let head = "# x\n\n| Target | Job | May import |\n|---|---|---|\n"
        let good = "| `CThing` | c | – |\n| `A` | a | – |\n| `B` | b | `A`, `CThing`, X, NIOCore |\n"
        #expect(HouseMap(head + good + "| `app` | d | `A`, `B` |\n\n| `No` |\n").differences(from: manifest) == [])
        #expect(
            HouseMap(head + "| `A` | a | `B` |\n| `B` | b | `A`, X |\n| `Z` | z | – |\n| A |\n")
                .differences(from: manifest) == [
                    "A does not depend on B, the map says so", "B depends on CThing, the map does not say so",
                    "B depends on NIOCore, the map does not say so", "CThing is not on the map",
                    "Z is on the map but no target", "app is not on the map", "not a line of the map: | A |",
                ])
    }
}
