import Glibc

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// How many cases a test of random input tries: the value of YIZHAN_HTTP_CASES, or `usual`.
    static func cases(_ usual: Int) -> Int {
        getenv("YIZHAN_HTTP_CASES").flatMap { Int(String(cString: $0)) } ?? usual
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static let oddBytes = Array("\r\n\t :;,0aF\u{0}\u{7F}".utf8)

    /// `text` with up to three bytes changed, taken out, or put in.
    mutating func mutated(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &self) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0..<bytes.count, using: &self)
        let byte = Self.oddBytes[Int.random(in: 0..<Self.oddBytes.count, using: &self)]
        switch Int.random(in: 0..<4, using: &self) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: if bytes.count > 1 { bytes.remove(at: place) }
        default: bytes.insert(contentsOf: bytes[place..<min(place + 5, bytes.count)], at: place)
        }
    }

    /// Parts of requests that decide where a request ends.
    private static let fragments = [
        "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n",
        "Expect: 100-continue\r\n", "Host: h\r\n", "\r\n", "\r\n\r\n", "0\r\n\r\n", "GET / HTTP/1.1\r\n", " HTTP/1.0",
        "transfer-encoding:", "content-length :", "5;a=b\r\nhello\r\n", "\n", "\r",
    ].map { Array($0.utf8) }

    /// One of `samples`, or two in a row, with up to three bytes changed and up to two fragments put at line starts.
    mutating func mutatedRequest(of samples: [String]) -> [UInt8] {
        var bytes = mutated(samples[Int.random(in: 0..<samples.count, using: &self)])
        switch Int.random(in: 0..<8, using: &self) {
        case 0...2:
            let fragment = Self.fragments[Int.random(in: 0..<Self.fragments.count, using: &self)]
            let from = Int.random(in: 0..<bytes.count, using: &self)
            bytes.insert(contentsOf: fragment, at: bytes[from...].firstIndex(of: 0x0A).map { $0 + 1 } ?? from)
        case 3: bytes += mutated(samples[Int.random(in: 0..<samples.count, using: &self)])
        default: break
        }
        return bytes
    }
}
