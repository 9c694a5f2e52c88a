/// A QR code (ISO/IEC 18004) of a short text: bytes, error correction M, versions 1 to 13.
struct QRCode {
    /// Modules on each side.
    let size: Int
    /// Row by row; true is dark.
    private(set) var modules: [[Bool]]
    /// Modules that belong to patterns and not to data.
    private var isFunction: [[Bool]]

    private static let versionMax = 13
    /// Error correction M: code words of a block, and blocks, of each version from 1 on.
    private static let correctionWords = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22]
    private static let blockCounts = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9]

    /// Nil when the text is too long.
    /// - Parameter mask: one of the eight patterns; nil: the best one.
    init?(_ text: String, mask: Int? = nil) {
        let bytes = Array(text.utf8)
        let version = (1...Self.versionMax).first { version in
            let header = 4 + (version < 10 ? 8 : 16)
            return header + bytes.count * 8 <= Self.dataWords(version) * 8
        }
        guard let version else { return nil }
        size = version * 4 + 17
        modules = [[Bool]](repeating: [Bool](repeating: false, count: size), count: size)
        isFunction = modules
        drawPatterns(version)
        draw(Self.interleaved(Self.words(bytes, version), version))
        let masks = mask.map { [$0] } ?? Array(0..<8)
        var best: (penalty: Int, modules: [[Bool]])?
        for mask in masks {
            var masked = self
            masked.apply(mask)
            masked.drawFormat(mask)
            let penalty = masked.penalty
            if best.map({ penalty < $0.penalty }) ?? true { best = (penalty, masked.modules) }
        }
        if let best { modules = best.modules }
    }

    /// With the quiet zone of four modules around it.
    func svg(label: String) -> HTML {
        var path = ""
        for (y, row) in modules.enumerated() {
            var x = 0
            while x < size {
                let start = x
                while x < size, row[x] { x += 1 }
                if x > start { path += "M\(start + 4) \(y + 4)h\(x - start)v1h-\(x - start)z" }
                x += 1
            }
        }
        return """
            <svg class="qr" viewBox="0 0 \(size + 8) \(size + 8)" role="img" aria-label="\(label)">\
            <path d="\(path)"/></svg>
            """
    }

    // MARK: Words

    private static func dataWords(_ version: Int) -> Int {
        totalWords(version) - correctionWords[version - 1] * blockCounts[version - 1]
    }

    private static func totalWords(_ version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let alignments = version / 7 + 2
            modules -= (25 * alignments - 10) * alignments - 55
            if version >= 7 { modules -= 36 }
        }
        return modules / 8
    }

    /// Mode, length, bytes, end and padding.
    private static func words(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        append(4, 4)
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        let capacity = dataWords(version) * 8
        append(0, min(4, capacity - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var words = stride(from: 0, to: bits.count, by: 8).map { at in
            bits[at..<at + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var padding: UInt8 = 0xEC
        while words.count < capacity / 8 {
            words.append(padding)
            padding ^= 0xEC ^ 0x11
        }
        return words
    }

    /// The blocks with their correction, word after word of each in turn.
    private static func interleaved(_ words: [UInt8], _ version: Int) -> [UInt8] {
        let (count, correction) = (blockCounts[version - 1], correctionWords[version - 1])
        let total = totalWords(version)
        let shortCount = count - total % count
        let shortLength = total / count - correction
        let divisor = Self.divisor(correction)
        var rest = words[...]
        var blocks: [(data: [UInt8], correction: [UInt8])] = []
        for block in 0..<count {
            let data = Array(rest.prefix(shortLength + (block < shortCount ? 0 : 1)))
            rest = rest.dropFirst(data.count)
            blocks.append((data, remainder(data, divisor)))
        }
        var result: [UInt8] = []
        for place in 0...shortLength {
            for block in blocks where place < block.data.count { result.append(block.data[place]) }
        }
        for place in 0..<correction { for block in blocks { result.append(block.correction[place]) } }
        return result
    }

    // MARK: Reed–Solomon over GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1

    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var result = 0
        for bit in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x11D
            if b >> UInt8(bit) & 1 == 1 { result ^= Int(a) }
        }
        return UInt8(truncatingIfNeeded: result)
    }

    private static func divisor(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree)
        result[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for place in 0..<degree {
                result[place] = product(result[place], root)
                if place + 1 < degree { result[place] ^= result[place + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    private static func remainder(_ data: [UInt8], _ divisor: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for place in divisor.indices { result[place] ^= product(divisor[place], factor) }
        }
        return result
    }

    // MARK: Patterns

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        modules[y][x] = isDark
        isFunction[y][x] = true
    }

    private mutating func drawPatterns(_ version: Int) {
        for at in 0..<size {
            set(6, at, at % 2 == 0)
            set(at, 6, at % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(x, y) }
        let places = Self.alignments(version, size)
        for x in places {
            for y in places {
                let isCorner = (x == 6 && y == 6) || (x == 6 && y == size - 7) || (x == size - 7 && y == 6)
                if !isCorner { drawAlignment(x, y) }
            }
        }
        drawFormat(0)
        if version >= 7 { drawVersion(version) }
    }

    private mutating func drawFinder(_ centerX: Int, _ centerY: Int) {
        for dy in -4...4 {
            for dx in -4...4 {
                let (x, y, distance) = (centerX + dx, centerY + dy, max(abs(dx), abs(dy)))
                if (0..<size).contains(x), (0..<size).contains(y) { set(x, y, distance != 2 && distance != 4) }
            }
        }
    }

    private mutating func drawAlignment(_ centerX: Int, _ centerY: Int) {
        for dy in -2...2 {
            for dx in -2...2 { set(centerX + dx, centerY + dy, max(abs(dx), abs(dy)) != 1) }
        }
    }

    private static func alignments(_ version: Int, _ size: Int) -> [Int] {
        if version == 1 { return [] }
        let count = version / 7 + 2
        let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        return [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
    }

    /// Error correction M is 0.
    private mutating func drawFormat(_ mask: Int) {
        var rest = mask
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (mask << 10 | rest) ^ 0x5412
        func bit(_ place: Int) -> Bool { bits >> place & 1 == 1 }
        for place in 0...5 { set(8, place, bit(place)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for place in 9..<15 { set(14 - place, 8, bit(place)) }
        for place in 0..<8 { set(size - 1 - place, 8, bit(place)) }
        for place in 8..<15 { set(8, size - 15 + place, bit(place)) }
        set(8, size - 8, true)
    }

    private mutating func drawVersion(_ version: Int) {
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        for place in 0..<18 {
            let isDark = bits >> place & 1 == 1
            let (a, b) = (size - 11 + place % 3, place / 3)
            set(a, b, isDark)
            set(b, a, isDark)
        }
    }

    // MARK: Data and masks

    /// Two columns at a time from the right, up and down in turn.
    private mutating func draw(_ words: [UInt8]) {
        var place = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for vertical in 0..<size {
                for column in 0..<2 {
                    let x = right - column
                    let isUpward = (right + 1) & 2 == 0
                    let y = isUpward ? size - 1 - vertical : vertical
                    guard !isFunction[y][x], place < words.count * 8 else { continue }
                    modules[y][x] = words[place >> 3] >> UInt8(7 - place & 7) & 1 == 1
                    place += 1
                }
            }
            right -= 2
        }
    }

    private mutating func apply(_ mask: Int) {
        for y in 0..<size {
            for x in 0..<size where !isFunction[y][x] && Self.inverts(mask, x, y) { modules[y][x].toggle() }
        }
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    /// How hard it is to read: long runs, squares, what looks like a finder, and an uneven share of dark modules.
    private var penalty: Int {
        var penalty = 0
        let columns = (0..<size).map { x in modules.map { $0[x] } }
        for line in modules + columns { penalty += Self.penalty(of: line) }
        for y in 0..<size - 1 {
            for x in 0..<size - 1 {
                let first = modules[y][x]
                let isSquare =
                    modules[y][x + 1] == first && modules[y + 1][x] == first && modules[y + 1][x + 1] == first
                if isSquare { penalty += 3 }
            }
        }
        let dark = modules.reduce(0) { $0 + $1.count { $0 } }
        let total = size * size
        return penalty + abs(dark * 20 - total * 10) / total * 10
    }

    private static let finderLike: [[Bool]] = [
        [true, false, true, true, true, false, true, false, false, false, false],
        [false, false, false, false, true, false, true, true, true, false, true],
    ]

    private static func penalty(of line: [Bool]) -> Int {
        var penalty = 0
        var run = 0
        for (place, isDark) in line.enumerated() {
            run = place > 0 && line[place - 1] == isDark ? run + 1 : 1
            if run == 5 { penalty += 3 } else if run > 5 { penalty += 1 }
        }
        for start in 0...line.count - 11 {
            let piece = Array(line[start..<start + 11])
            if finderLike.contains(piece) { penalty += 40 }
        }
        return penalty
    }
}
