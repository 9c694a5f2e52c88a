import Testing

/// The walk in `Sources/README.md` is true: what it names is there, and its length is what it says.
struct WalkTests {
    /// What one message costs a reader at most; to be lowered with each shortening.
    private static let most = Walk.Counts(functions: 179, files: 60, jumps: 114, crossings: 41)

    private func walk(_ repository: Repository) throws -> (walk: Walk, text: String) {
        let text = try #require(repository.text("Sources/README.md"))
        return (try #require(Walk(text)), text)
    }

    @Test func `every function of the walk is in the file that it names`() throws {
        let repository = try Repository()
        let walk = try walk(repository).walk
        #expect(walk.steps.count > 40)
        #expect(walk.missing { repository.text("Sources/" + $0).map(SwiftSource.init) } == [])
    }

    @Test func `the walk is as long as it says, and no longer than it may be`() throws {
        let (walk, text) = try walk(try Repository())
        let counts = walk.counts
        #expect(text.contains("\(counts)"), "Sources/README.md should say: \(counts)")
        #expect(counts.functions <= Self.most.functions)
        #expect(counts.files <= Self.most.files)
        #expect(counts.jumps <= Self.most.jumps)
        #expect(counts.crossings <= Self.most.crossings)
    }

    private static let sample = """
        <!-- walk:begin -->
        | File | Functions | What |
        |---|---|---|
        | `A/One.swift` | `first`, `Two.init` | begins |
        | `A/Two.swift` | `second` | goes on |
        | `B/One.swift` | `first` | ends |
        | `A/One.swift` | `first` | again |
        <!-- walk:end -->
        """

    @Test func `functions, files, jumps and crossings are counted`() throws {
        let walk = try #require(Walk(Self.sample))
        #expect(walk.steps.count == 5)
        #expect(walk.counts == Walk.Counts(functions: 4, files: 3, jumps: 3, crossings: 2))
        #expect(Walk("no marks") == nil)
    }

    @Test func `a function that is not there is named, and so is a file`() throws {
        let walk = try #require(Walk(Self.sample))
        let missing = walk.missing { path in
            switch path {
            case "A/One.swift": SwiftSource("struct Two { init(a: Int) {} }\nfunc first<T>(_: T) {}")
            case "A/Two.swift": SwiftSource("// func second()\nlet a = \"func second(\"")
            default: nil
            }
        }
        #expect(missing == ["A/Two.swift: no second", "B/One.swift: no such file"])
    }
}
