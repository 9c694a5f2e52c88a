/// First in, first out, in constant time; the memory of what has left is given back piece by piece.
struct ChunkedQueue<Element> {
    private var chunks: [[Element]] = []
    /// The chunk that the first element is in, and its place there.
    private var firstChunk = 0
    private var firstPlace = 0
    private(set) var count = 0

    private static var chunkSize: Int { 4096 }
    private static var emptyChunksMax: Int { 64 }

    var first: Element? { count == 0 ? nil : chunks[firstChunk][firstPlace] }

    mutating func append(_ element: Element) {
        if chunks.last.map({ $0.count == Self.chunkSize }) ?? true {
            var chunk: [Element] = []
            chunk.reserveCapacity(chunks.isEmpty ? 0 : Self.chunkSize)
            chunks.append(chunk)
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard let element = first else { return nil }
        count -= 1
        firstPlace += 1
        if count == 0 {
            chunks = []
            firstChunk = 0
            firstPlace = 0
        } else if firstPlace == chunks[firstChunk].count {
            chunks[firstChunk] = []
            firstChunk += 1
            firstPlace = 0
            if firstChunk == Self.emptyChunksMax {
                chunks.removeFirst(firstChunk)
                firstChunk = 0
            }
        }
        return element
    }
}
