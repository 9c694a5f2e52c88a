/// Finds blocked words in a text, in a time that is linear in the text's length, however many words there are
/// (Aho and Corasick's automaton over UTF-8). Letters of ASCII count in either case.
public struct WordFilter: Sendable {
    private struct Node {
        var next: [UInt8: Int32] = [:]
        /// The longest other beginning of a word that ends here.
        var fallback: Int32 = 0
        /// The length in bytes of a word that ends here; 0 for none.
        var wordLength = 0
    }

    private var nodes: [Node] = [Node()]

    /// The most bytes of a word in UTF-8; checked where words are set, not here.
    public static let wordBytesMax = 100
    /// The most words of an account; checked where words are set, not here.
    public static let wordsMax = 10_000

    /// - Parameter words: empty ones are left out. Takes a time that is linear in their bytes, about.
    public init(_ words: some Sequence<String>) {
        for word in words { insert(word.utf8.map(Self.lowercased)) }
        link()
    }

    /// Whether there are no words, so that nothing is ever found.
    public var isEmpty: Bool { nodes.count == 1 }

    /// Whether one of the words is in `text`.
    public func finds(in text: String) -> Bool {
        if isEmpty { return false }
        var node: Int32 = 0
        for byte in text.utf8 {
            node = step(from: node, by: Self.lowercased(byte))
            if nodes[Int(node)].wordLength > 0 { return true }
        }
        return false
    }

    private mutating func insert(_ word: [UInt8]) {
        guard !word.isEmpty else { return }
        var node: Int32 = 0
        for byte in word {
            if let next = nodes[Int(node)].next[byte] {
                node = next
            } else {
                let made = Int32(nodes.count)
                nodes.append(Node())
                nodes[Int(node)].next[byte] = made
                node = made
            }
        }
        nodes[Int(node)].wordLength = word.count
    }

    /// Level by level, so that a node's fallback is linked before it.
    private mutating func link() {
        var level = Array(nodes[0].next.values)
        while !level.isEmpty {
            var below: [Int32] = []
            for node in level {
                for (byte, child) in nodes[Int(node)].next {
                    let fallback = step(from: nodes[Int(node)].fallback, by: byte)
                    nodes[Int(child)].fallback = fallback
                    if nodes[Int(child)].wordLength == 0 {
                        nodes[Int(child)].wordLength = nodes[Int(fallback)].wordLength
                    }
                    below.append(child)
                }
            }
            level = below
        }
    }

    private func step(from start: Int32, by byte: UInt8) -> Int32 {
        var node = start
        while true {
            if let next = nodes[Int(node)].next[byte] { return next }
            if node == 0 { return 0 }
            node = nodes[Int(node)].fallback
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
}
