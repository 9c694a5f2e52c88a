/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// `text` with up to three bytes changed, taken out, or put in.
    mutating func mutated(_ text: String) -> [UInt8] {
        let favourites = Array("\r\n\t :;,0aF\u{0}\u{7F}".utf8)
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            let byte = favourites.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: if bytes.count > 1 { bytes.remove(at: place) }
            default: bytes.insert(contentsOf: bytes[place..<min(place + 5, bytes.count)], at: place)
            }
        }
        return bytes
    }
}
