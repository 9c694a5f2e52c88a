import Foundation
import Glibc

/// The library DiskFaults put under a process: a disk that loses what was not synchronised, and refuses when told.
///
/// Why it is faithful: it sits between libsqlite3 and libc, where every byte of the database passes, and it takes back
/// per sector, so that what survives is any mixture of old and new that a disk with a write cache may leave: later
/// writes without earlier ones, half of a page, a file that is longer or shorter than its contents. What fsync or
/// fdatasync returned for is never taken back, which is what they promise.
///
/// What it does not model: names (a file made, renamed or removed is so at once; SQLite and the store synchronise the
/// folder), sectors that are neither old nor new, and disks that lie about synchronising.
final class FaultyDisk {
    private let folder: String
    private let log: String
    private let control: String

    static let library = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("libDiskFaults.so").path

    private let syncMicroseconds: Int
    /// Synchronisations do nothing from now on.
    var lies = false

    /// Under the files of `folder`, which need not be there yet. `syncMicroseconds`: how long a synchronisation takes
    /// at least, so that a kill finds something that is not synchronised.
    init(folder: String, in directory: TemporaryDirectory, syncMicroseconds: Int = 0) throws {
        self.folder = folder
        self.syncMicroseconds = syncMicroseconds
        log = directory.path("disk")
        control = directory.path("disk-refuses")
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
        guard FileManager.default.fileExists(atPath: Self.library) else {
            throw ChildProcess.Failure(description: "\(Self.library) is missing: build with --build-tests")
        }
    }

    /// What a process on this disk has in its environment.
    var environment: [String: String] {
        var environment = [
            "LD_PRELOAD": Self.library, "DISKFAULTS_DIR": folder, "DISKFAULTS_LOG": log,
            "DISKFAULTS_CONTROL": control, "DISKFAULTS_SYNC_US": String(syncMicroseconds),
        ]
        if lies { environment["DISKFAULTS_LIES"] = "1" }
        return environment
    }

    // MARK: Refusing

    /// Writes fail with this error number from now on; with a negative one only synchronisations do.
    func refuse(_ code: Int32) throws {
        // Renamed, so that nobody reads half of it.
        try Data(String(code).utf8).write(to: URL(fileURLWithPath: control), options: .atomic)
    }

    /// Synchronisations do not come back from now on.
    func hang() throws {
        try Data("hang".utf8).write(to: URL(fileURLWithPath: control), options: .atomic)
    }

    func relent() throws { try FileManager.default.removeItem(atPath: control) }

    /// What went through it so far; the order is that of DiskFaults.h.
    struct Counters {
        var opens = 0
        var writes = 0
        var bytes = 0
        var syncs = 0
        var faults = 0
    }

    func counters() throws -> Counters {
        let data = try Data(contentsOf: URL(fileURLWithPath: log + "/counters"))
        let numbers = data.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count - 7, by: 8).map {
                Int(raw.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
            }
        }
        guard numbers.count == 5 else { throw ChildProcess.Failure(description: "counters of \(data.count) bytes") }
        return Counters(
            opens: numbers[0], writes: numbers[1], bytes: numbers[2], syncs: numbers[3], faults: numbers[4])
    }

    // MARK: The power cut

    /// One write, truncation or extension that was not synchronised.
    struct Undo {
        var offset: Int
        var old: [UInt8]
        var written: Int
        var size: Int

        static let headBytes = 40
        static let magic: UInt64 = 0x6F64_6E75_6B73_6964
    }

    /// What a cut took back.
    struct Loss {
        var writes = 0
        var sectors = 0
        var bytesOfLength = 0
    }

    /// Takes back what the ended process had not synchronised, as the seed chooses.
    func cutPower(using generator: inout some RandomNumberGenerator) throws -> Loss {
        var loss = Loss()
        let sector = Bool.random(using: &generator) ? 512 : 4096
        for name in try FileManager.default.contentsOfDirectory(atPath: log).sorted() where name.hasSuffix(".undo") {
            let path = folder + "/" + name.dropLast(".undo".count)
            let bytes = Array(FileManager.default.contents(atPath: log + "/" + name) ?? Data())
            let undos = Self.undos(bytes)
            let isOurs =
                bytes.count < Undo.headBytes || bytes.withUnsafeBytes { $0.load(as: UInt64.self) } == Undo.magic
            guard isOurs else {
                throw ChildProcess.Failure(description: "\(name) cannot be read")
            }
            if !undos.isEmpty, let descriptor = FileHandle(forUpdatingAtPath: path) {
                try Self.takeBack(undos, of: descriptor, sector: sector, &loss, using: &generator)
                try descriptor.close()
            }
            try Data().write(to: URL(fileURLWithPath: log + "/" + name))
        }
        // A map of the log that SQLite makes anew.
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix("-shm") {
            try FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        return loss
    }

    /// The records of a log; one that is cut off at the end was of a write that never came.
    static func undos(_ bytes: [UInt8]) -> [Undo] {
        var undos: [Undo] = []
        var place = 0
        func number(_ index: Int) -> UInt64 {
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place + 8 * index, as: UInt64.self) }
        }
        while place + Undo.headBytes <= bytes.count, number(0) == Undo.magic {
            let length = Int(number(2))
            let start = place + Undo.headBytes
            guard start + length <= bytes.count else { break }
            undos.append(
                Undo(
                    offset: Int(number(1)), old: Array(bytes[start..<start + length]), written: Int(number(3)),
                    size: Int(number(4))))
            place = start + length
        }
        return undos
    }

    /// Every sector becomes what it is, or what it was before any one of the writes to it; the length likewise.
    private static func takeBack(
        _ undos: [Undo], of file: FileHandle, sector: Int, _ loss: inout Loss,
        using generator: inout some RandomNumberGenerator
    ) throws {
        let size = Int(try file.seekToEnd())
        loss.writes += undos.count
        // For each sector, the writes to it in their order.
        var touched: [Int: [Int]] = [:]
        for (index, undo) in undos.enumerated() {
            let end = undo.offset + max(undo.written, undo.old.count)
            for number in undo.offset / sector..<(end + sector - 1) / sector {
                touched[number, default: []].append(index)
            }
        }
        for number in touched.keys.sorted() {
            let writes = touched[number] ?? []
            let from = Int.random(in: 0...writes.count, using: &generator)
            guard from < writes.count else { continue }
            loss.sectors += 1
            // Backwards, so that the oldest bytes of those taken back remain.
            for index in writes[from...].reversed() {
                try restore(undos[index], within: number * sector..<(number + 1) * sector, of: file)
            }
        }
        let lengths = undos.map(\.size) + [size]
        guard let length = lengths.randomElement(using: &generator) else { return }
        loss.bytesOfLength += max(0, size - length)
        try file.truncate(atOffset: UInt64(length))
    }

    private static func restore(_ undo: Undo, within sector: Range<Int>, of file: FileHandle) throws {
        let place = sector.clamped(to: undo.offset..<undo.offset + max(undo.written, undo.old.count))
        guard !place.isEmpty else { return }
        // Where nothing was, a file that is longer all the same has zeros.
        let bytes = place.map { $0 - undo.offset < undo.old.count ? undo.old[$0 - undo.offset] : 0 }
        try file.seek(toOffset: UInt64(place.lowerBound))
        try file.write(contentsOf: bytes)
    }
}
