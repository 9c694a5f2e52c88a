import AdminProtocol
import AdminServer
import Engine
import Messaging
import SwiftProtobuf
import Testing

/// Requests whose every field is at its extremes, from a peer that may ask but cannot be trusted to ask well.
@Suite("Requests of the administration protocol with extreme values")
struct HostileAdminTests {
    /// Bytes of protobuf messages without regard to what the schema says of them.
    private struct Writer {
        var random: SeededGenerator

        private static let extremes: [UInt64] = [
            0, 1, 2, 3, 7, 100, 200, 1000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 34, (1 << 38) - 1,
            1_720_497_600_000, UInt64(Int64.max), UInt64(bitPattern: .min), .max, .max - 1,
        ]
        private static let texts = [
            "", "J10003", "a", "b", "deaf", "http://127.0.0.1", "13800138000", "86", "R1", "M9223372036854775807",
            "B18446744073709551615", "99999999999999999999", "-1", "0", "5/1h", "9/9d", "10.0.0.0/8", "::/129",
            "【", "【】", "reports", "delivered", "resend", "uncertain", "1.5", "mobile", "\u{0}", "\u{202E}",
            "operator-v2", "form", "http://localhost:99999/", "http://[::1]:65536/", "MK:0001", "hold",
            String(repeating: "9", count: 4000),
        ]

        private mutating func varint(_ value: UInt64, into bytes: inout [UInt8]) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }

        mutating func message(depth: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            for number in UInt64(1)...64 where Int.random(in: 0..<10, using: &random) < (depth == 0 ? 8 : 5) {
                for _ in 0..<(Int.random(in: 0..<20, using: &random) == 0 ? 3 : 1) {
                    field(number, depth: depth, into: &bytes)
                }
            }
            return bytes
        }

        private mutating func field(_ number: UInt64, depth: Int, into bytes: inout [UInt8]) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                varint(number << 3, into: &bytes)
                varint(Self.extremes.randomElement(using: &random) ?? 0, into: &bytes)
            case 4..<8:
                varint(number << 3 | 2, into: &bytes)
                let text = Array((Self.texts.randomElement(using: &random) ?? "").utf8)
                varint(UInt64(text.count), into: &bytes)
                bytes += text
            default:
                guard depth < 2 else { return }
                let inner = message(depth: depth + 1)
                varint(number << 3 | 2, into: &bytes)
                varint(UInt64(inner.count), into: &bytes)
                bytes += inner
            }
        }

        /// An encoded request that asks for `call`, a number of the one-of.
        mutating func request(_ call: UInt64) -> [UInt8] {
            let inner = message(depth: 0)
            var bytes: [UInt8] = []
            varint(call << 3 | 2, into: &bytes)
            varint(UInt64(inner.count), into: &bytes)
            return bytes + inner
        }
    }

    @Test func `every request is answered or refused in words, whatever its numbers, and money stays right`()
        async throws
    {
        try await RouteBridgeTests.withEngine { bridge, _ in
            var writer = Writer(random: SeededGenerator(seed: 0x48_41_44))
            var answered: [UInt64: Int] = [:]
            var refused: [UInt64: Int] = [:]
            for round in 0..<3_000 {
                let number = UInt64(10 + round % 150)
                guard let request = try? AdminRequest(serializedBytes: writer.request(number)), let call = request.call
                else { continue }
                do throws(AdminError) {
                    _ = try await bridge.handle(call)
                    answered[number, default: 0] += 1
                } catch {
                    #expect(!error.message.isEmpty, "\(call)")
                    #expect(error.code != .internal, "\(error.message): \(call)")
                    refused[number, default: 0] += 1
                }
            }
            // Each request that the schema knows was reached.
            #expect(Set(answered.keys).union(refused.keys).count >= 37)
            #expect(answered.values.reduce(0, +) > 60 && refused.values.reduce(0, +) > 60)
            guard case .status(let status) = try await bridge.handle(.statusShow(AdminStatusShow())),
                case .ledger(let ledger) = try await bridge.handle(.ledgerVerify(AdminLedgerVerify()))
            else { throw AdminClient.unexpected }
            #expect(status.accounts >= 1 && status.channelsTotal >= 2)
            #expect(ledger.differencesTotal == 0 && ledger.accounts == status.accounts)
        }
    }
}
