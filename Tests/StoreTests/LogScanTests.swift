import Foundation
import Messaging
import Testing

@testable import Store

/// A log that a crash or a power cut has left, and one that is damaged.
struct LogScanTests {
    private static let header = 32
    private static let frame = 24 + 4096

    /// A log of some transactions: its bytes, and how many frames were in it after each.
    private func log(transactions: Int = 12) async throws -> (bytes: [UInt8], ends: [Int], world: World) {
        let world = try World()
        let account = try await world.account()
        var ends: [Int] = []
        for number in 0..<transactions {
            _ = try await world.send(account, (0..<20 * (number % 3 + 1)).map { "1380013\(1000 + $0)" })
            let size = try Data(contentsOf: URL(fileURLWithPath: world.path + "-wal")).count
            ends.append((size - Self.header) / Self.frame)
        }
        return ([UInt8](try Data(contentsOf: URL(fileURLWithPath: world.path + "-wal"))), ends, world)
    }

    private func state(of bytes: [UInt8], in world: World) throws -> LogScan.State {
        let path = world.directory.path + "/log"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try LogScan.state(of: path)
    }

    private func isDamaged(_ state: LogScan.State) -> Bool {
        if case .damaged = state { true } else { false }
    }

    @Test func `no log, an empty one and one that was never written are no log`() async throws {
        let (bytes, _, world) = try await log(transactions: 1)
        #expect(try LogScan.state(of: world.directory.path + "/none") == .missing)
        for count in [0, 31, 32, 9000] {
            #expect(try state(of: [UInt8](repeating: 0, count: count), in: world) == .missing)
        }
        #expect(try state(of: bytes, in: world) == .sound)
        #expect(try state(of: Array(bytes[..<32]), in: world) == .sound)
    }

    @Test func `a byte of the header that is another one is damage`() async throws {
        let (bytes, _, world) = try await log(transactions: 2)
        for place in 0..<Self.header {
            var changed = bytes
            changed[place] ^= 0x10
            #expect(isDamaged(try state(of: changed, in: world)), "byte \(place)")
        }
    }

    /// The transaction under way at a power cut: any of its sectors may be what they were before.
    @Test func `whatever a cut leaves of the last transaction is sound`() async throws {
        let (bytes, ends, world) = try await log()
        let durable = Self.header + ends[ends.count - 2] * Self.frame
        var random = SeededGenerator(seed: 8)
        for _ in 0..<60 {
            var cut = bytes
            for sector in durable / 512...bytes.count / 512 where Bool.random(using: &random) {
                let part = max(durable, sector * 512)..<max(durable, min(bytes.count, (sector + 1) * 512))
                cut.replaceSubrange(part, with: [UInt8](repeating: 0, count: part.count))
            }
            cut.removeLast(Int.random(in: 0...bytes.count - durable, using: &random))
            #expect(try state(of: cut, in: world) == .sound)
        }
    }

    @Test func `any byte before the last transaction that is another one is damage`() async throws {
        let (bytes, ends, world) = try await log()
        let durable = Self.header + ends[ends.count - 2] * Self.frame
        var random = SeededGenerator(seed: 9)
        for _ in 0..<60 {
            var changed = bytes
            let place = Int.random(in: Self.header..<durable, using: &random)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            // The last transaction must go on from the one before: its checksum stands in the last frame's header.
            let isLink = place >= durable - Self.frame
            if !isLink { #expect(isDamaged(try state(of: changed, in: world)), "byte \(place)") }
        }
    }

    /// What a transaction that failed has left, under a shorter one that was written over it.
    @Test func `remains of transactions that failed are no commits`() async throws {
        let (bytes, ends, world) = try await log(transactions: 6)
        // The fourth once more in place of the third, which is longer or shorter: both end in a commit.
        let (start, third, fourth) = (ends[1], ends[2], ends[3])
        let piece = bytes[Self.header + third * Self.frame..<Self.header + fourth * Self.frame]
        var changed = bytes
        changed.removeLast(bytes.count - Self.header - third * Self.frame)
        let place = Self.header + start * Self.frame
        if piece.count < changed.count - place {
            changed.replaceSubrange(place..<place + piece.count, with: piece)
        } else {
            changed.replaceSubrange(place..., with: piece)
        }
        #expect(try state(of: changed, in: world) == .sound)
    }

    @Test func `a store does not open on a log with commits behind damage, and keeps all of it`() async throws {
        let (bytes, ends, world) = try await log()
        let folder = try TemporaryDirectory()
        let path = folder.path + "/" + Store.fileName
        try FileManager.default.copyItem(atPath: world.path, toPath: path)
        for name in [StateMarker.fileName] {
            try FileManager.default.copyItem(
                atPath: world.directory.path + "/" + name, toPath: folder.path + "/" + name)
        }
        var changed = bytes
        changed[Self.header + ends[3] * Self.frame + 2000] ^= 1
        try Data(changed).write(to: URL(fileURLWithPath: path + "-wal"))
        let failure = #expect(throws: StoreFailure.self) { try Store(directory: folder.path) }
        guard case .damaged(let sentence) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(
            sentence.contains("frame \(ends[3] + 1) of its log") && sentence.contains("--accept-loss"), "\(sentence)")
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path + "-wal"))) == changed)
        let store = try Store(directory: folder.path, acceptsLoss: true)
        #expect(try await store.nextMessage().rawValue > StateMarker.step)
        await store.close()
    }
}
