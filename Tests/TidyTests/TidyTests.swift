import Testing

/// The rules of the house that no compiler checks. Each failure lists where.
struct TidyTests {
    private let repository: Repository
    private let swiftFiles: [(path: String, source: SwiftSource)]

    static let fileLinesMax = 500
    static let functionLinesMax = 60
    static let columnsMax = 120
    /// An invariant is stated in the line itself or in one of this many above it.
    static let invariantLinesAbove = 6
    static let topLevel: Set<String> = ["Package.swift", "Sources", "Tests", "packaging", "etc", "README.md"]

    init() throws {
        self.repository = try Repository()
        self.swiftFiles = repository.swiftFiles()
    }

    @Test func `there is something to check`() {
        #expect(swiftFiles.count > 20)
        #expect(swiftFiles.contains { $0.path.hasSuffix("TidyTests/TidyTests.swift") })
    }

    @Test func `no file is longer than 500 lines`() {
        let lengths = swiftFiles.map { ($0.path, $0.source.lines.count) }
        report(lengths.filter { $0.1 > Self.fileLinesMax }.map { "\($0.0): \($0.1) lines" })
    }

    @Test func `no function is longer than 60 lines`() {
        report(
            swiftFiles.flatMap { path, source in
                source.functions.filter { $0.lineCount > Self.functionLinesMax }
                    .map { "\(path):\($0.firstLine): \($0.lineCount) lines" }
            })
    }

    @Test func `nothing stands at the top but what belongs there`() {
        report(repository.topLevel().filter { !$0.hasPrefix(".") }.subtracting(Self.topLevel).sorted())
    }

    @Test func `whoever steps around the compiler states the invariant that allows it`() {
        for (path, source) in swiftFiles {
            let isTest = path.hasPrefix("Tests/")
            let lines = source.lines
            for (index, code) in source.codeLines.enumerated() where Forced.stands(in: code, isTest: isTest) {
                let above = lines[max(0, index - Self.invariantLinesAbove)...index]
                if above.contains(where: { $0.contains("Invariant:") }) { continue }
                Issue.record("\(path):\(index + 1): no \"Invariant:\" above it")
            }
        }
    }

    @Test func `nothing is left to do later`() {
        // In two halves, or this line would be found.
        let words = ["TO" + "DO", "FIX" + "ME"]
        let endings = [
            ".swift", ".md", ".h", ".c", ".proto", ".py", ".yaml", ".sh", ".service", ".socket", ".modulemap",
        ]
        let paths = ["Sources", "Tests", "packaging", "etc"].flatMap { repository.files(in: $0, endings: endings) }
        report(
            paths.filter { !$0.hasSuffix(".pb.swift") }.flatMap { path -> [String] in
                let lines = (repository.text(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
                return lines.enumerated().filter { _, line in
                    words.contains { word in line.contains(word) && line.split { !$0.isLetter }.contains { $0 == word }
                    }
                }.map { "\(path):\($0.offset + 1)" }
            })
    }

    @Test func `lines have no tab, no trailing blank and at most 120 columns`() {
        report(
            swiftFiles.flatMap { path, source in
                source.lines.enumerated().compactMap { index, line in
                    Self.fault(of: line).map { "\(path):\(index + 1): \($0)" }
                }
            })
    }

    @Test func `the map in Sources and the manifest show the same house`() throws {
        let manifest = try Manifest(#require(repository.text("Package.swift")))
        let map = HouseMap(try #require(repository.text("Sources/README.md"), "the map is missing"))
        #expect(!map.rooms.isEmpty, "Sources/README.md has no table `| Target | Job | May import |`")
        report(map.differences(from: manifest))
    }

    @Test func `every folder of Sources is a target`() throws {
        let manifest = try Manifest(#require(repository.text("Package.swift")))
        report(Set(repository.folders(in: "Sources")).subtracting(manifest.rooms.keys).sorted())
    }

    static func fault(of line: Substring) -> String? {
        if line.utf8.contains(UInt8(ascii: "\t")) { return "a tab (write \\t)" }
        if line.utf8.last == UInt8(ascii: " ") || line.utf8.last == UInt8(ascii: "\r") { return "a trailing blank" }
        // Characters are never more than bytes.
        if line.utf8.count > columnsMax, line.count > columnsMax { return "\(line.count) columns" }
        return nil
    }

    private func report(_ problems: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            problems.isEmpty, Comment(rawValue: "\n" + problems.joined(separator: "\n")), sourceLocation: sourceLocation
        )
    }
}

/// What takes a decision out of the compiler's hands. Tests may force a try or a cast: they fail loudly.
enum Forced {
    static func stands(in code: String, isTest: Bool) -> Bool {
        let squeezed = code.split(separator: " ").joined(separator: " ")
        if squeezed.contains("@unchecked Sendable") || squeezed.contains("nonisolated(unsafe)") { return true }
        if isTest { return false }
        return squeezed.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "!") }
            .contains { $0.hasPrefix("try!") || $0.hasPrefix("as!") }
    }
}
