import Glibc
import Messaging

/// Reads a write-ahead log as SQLite does when it recovers (SQLite file format §4), and looks further than SQLite:
/// that stops at the first frame whose checksum is wrong and takes what is behind it for a commit that was cut off.
///
/// Behind a commit that was cut off there is nothing: the next transaction is written only when the one before is
/// synchronised. So a commit behind the first wrong frame that another transaction was written after, one whose
/// checksum goes on from it, was durable once. Frames of failed transactions that were written over are no such: the
/// checksum of each goes on from the one that was there before.
struct LogScan {
    enum State: Equatable {
        /// There is no log, or nothing was ever written to it.
        case missing
        /// What SQLite recovers of it is all that was committed.
        case sound
        /// Commits are lost; in words.
        case damaged(String)
    }

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    /// In its two byte orders.
    private static let magics: [UInt32] = [0x377F_0682, 0x377F_0683]

    private let descriptor: Int32
    private let isBigEndian: Bool
    private let salts: ArraySlice<UInt8>
    private let frameBytes: Int
    private let start: Sum

    /// The two words of a checksum.
    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0
    }

    /// - Throws: `unavailable` when the file cannot be read.
    static func state(of path: String) throws -> State {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return .missing }
        guard descriptor >= 0 else { throw unavailable(path) }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: headerBytes)
        let got = pread(descriptor, &header, header.count, 0)
        guard got >= 0 else { throw unavailable(path) }
        // All zeros: a power cut before the first commit in it.
        if got < header.count || header.allSatisfy({ $0 == 0 }) { return .missing }
        guard let scan = LogScan(descriptor, header: header) else {
            return .damaged("its log, the -wal file, does not begin as one does")
        }
        guard let (frame, commit) = try scan.lostCommit(path) else { return .sound }
        return .damaged(
            "frame \(frame + 1) of its log, the -wal file, is damaged, and commits up to frame \(commit + 1) at least "
                + "stand behind it")
    }

    private init?(_ descriptor: Int32, header: [UInt8]) {
        let magic = Self.word(header, 0)
        let pageBytes = Int(Self.word(header, 8))
        guard Self.magics.contains(magic), (512...65_536).contains(pageBytes), pageBytes & (pageBytes - 1) == 0 else {
            return nil
        }
        let isBigEndian = magic & 1 == 1
        var sum = Sum()
        header.withUnsafeBytes { Self.add($0[..<24], to: &sum, isBigEndian: isBigEndian) }
        self.descriptor = descriptor
        self.isBigEndian = isBigEndian
        salts = header[16..<24]
        frameBytes = Self.frameHeaderBytes + pageBytes
        start = sum
        guard sum == Sum(first: Self.word(header, 24), second: Self.word(header, 28)) else { return nil }
    }

    /// - Returns: the first wrong frame and a durable commit behind it, counted from 0; nil when there is none.
    private func lostCommit(_ path: String) throws -> (frame: Int, commit: Int)? {
        var frame = [UInt8](repeating: 0, count: frameBytes)
        var index = 0
        var sum = start
        var wrong: Int?
        // Behind the wrong frame: the checksum of the frame before, if that ends a transaction.
        var ended: Sum?
        while true {
            let got = pread(descriptor, &frame, frameBytes, off_t(Self.headerBytes) + off_t(index) * off_t(frameBytes))
            guard got >= 0 else { throw Self.unavailable(path) }
            guard got == frameBytes else { return nil }
            let isOfThisLog = frame[8..<16] == salts
            let stored = Sum(first: Self.word(frame, 16), second: Self.word(frame, 20))
            if wrong == nil {
                if isOfThisLog, self.sum(of: frame, after: sum) == stored { sum = stored } else { wrong = index }
            } else if let wrong, let before = ended, isOfThisLog, self.sum(of: frame, after: before) == stored {
                return (wrong, index - 1)
            }
            ended = wrong != nil && isOfThisLog && Self.word(frame, 4) != 0 ? stored : nil
            index += 1
        }
    }

    private func sum(of frame: [UInt8], after before: Sum) -> Sum {
        var sum = before
        frame.withUnsafeBytes { bytes in
            Self.add(bytes[..<8], to: &sum, isBigEndian: isBigEndian)
            Self.add(bytes[Self.frameHeaderBytes...], to: &sum, isBigEndian: isBigEndian)
        }
        return sum
    }

    private static func add(_ bytes: Slice<UnsafeRawBufferPointer>, to sum: inout Sum, isBigEndian: Bool) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        var place = 0
        while place + 8 <= bytes.count {
            var first = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            var second = bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
            if isBigEndian {
                first = UInt32(bigEndian: first)
                second = UInt32(bigEndian: second)
            } else {
                first = UInt32(littleEndian: first)
                second = UInt32(littleEndian: second)
            }
            sum.first = sum.first &+ first &+ sum.second
            sum.second = sum.second &+ second &+ sum.first
            place += 8
        }
    }

    private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func unavailable(_ path: String) -> StoreFailure {
        .unavailable("\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
