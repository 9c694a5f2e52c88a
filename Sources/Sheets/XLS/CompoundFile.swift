extension [UInt8] {
    /// A little-endian number; 0 where the bytes end.
    func number(_ place: Int, _ bytes: Int) -> Int {
        guard place >= 0, place + bytes <= count else { return 0 }
        return (0..<bytes).reduce(0) { $0 | Int(self[place + $1]) << (8 * $1) }
    }
}

/// The container of .xls files, as far as one stream needs it.
struct CompoundFile {
    private let file: [UInt8]
    private let sectorSize: Int
    private var table: [Int] = []

    private static let endOfChain = 0xFFFF_FFFE
    private static let specialMin = 0xFFFF_FFFA

    init?(_ file: [UInt8]) {
        self.file = file
        let shift = file.number(30, 2)
        guard file.count > 512, shift == 9 || shift == 12 else { return nil }
        sectorSize = 1 << shift
        // Sectors of the allocation table: 109 in the header, the others in a chain of their own.
        var tableSectors = (0..<109).map { file.number(76 + 4 * $0, 4) }
        var next = file.number(68, 4)
        var steps = 0
        while next < Self.specialMin, steps < sectorCount {
            let start = offset(next)
            let entries = sectorSize / 4 - 1
            tableSectors += (0..<entries).map { file.number(start + 4 * $0, 4) }
            next = file.number(start + 4 * entries, 4)
            steps += 1
        }
        for sector in tableSectors where sector < Self.specialMin && table.count < sectorCount {
            let start = offset(sector)
            table += (0..<(sectorSize / 4)).map { file.number(start + 4 * $0, 4) }
        }
    }

    private var sectorCount: Int { file.count / sectorSize + 1 }

    private func offset(_ sector: Int) -> Int { (sector + 1) * sectorSize }

    private func chain(from first: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var sector = first
        var steps = 0
        while sector < table.count, steps < sectorCount {
            let start = offset(sector)
            guard start < file.count else { break }
            bytes += file[start..<min(start + sectorSize, file.count)]
            sector = table[sector]
            steps += 1
        }
        return bytes
    }

    /// A stream's place in the directory; nil where there is none of these names.
    private func place(of names: [String], in directory: [UInt8]) -> Int? {
        stride(from: 0, to: directory.count - 127, by: 128).first { place in
            let length = directory.number(place + 64, 2)
            guard directory[place + 66] == 2, (2...64).contains(length) else { return false }
            let units = stride(from: 0, to: length - 2, by: 2).map { UInt16(directory.number(place + $0, 2)) }
            return names.contains(String(decoding: units, as: UTF16.self))
        }
    }

    func hasStream(named name: String) -> Bool { place(of: [name], in: chain(from: file.number(48, 4))) != nil }

    /// A stream's bytes; nil where there is none of these names.
    func stream(named names: [String]) -> [UInt8]? {
        let directory = chain(from: file.number(48, 4))
        guard let place = place(of: names, in: directory) else { return nil }
        let size = directory.number(place + 120, 4)
        if size < file.number(56, 4) { return smallStream(directory, place, size) }
        return Array(chain(from: directory.number(place + 116, 4)).prefix(size))
    }

    /// Streams below the header's limit are pieces of 64 bytes in the stream of the root.
    private func smallStream(_ directory: [UInt8], _ place: Int, _ size: Int) -> [UInt8] {
        let container = chain(from: directory.number(116, 4))
        let small = chain(from: file.number(60, 4))
        var bytes: [UInt8] = []
        var piece = directory.number(place + 116, 4)
        while piece < Self.specialMin, bytes.count < size, piece * 64 + 64 <= container.count {
            bytes += container[(piece * 64)..<(piece * 64 + 64)]
            let next = small.number(4 * piece, 4)
            // A piece behind the table, or a circle.
            guard next != 0 else { break }
            piece = next
        }
        return bytes
    }
}
