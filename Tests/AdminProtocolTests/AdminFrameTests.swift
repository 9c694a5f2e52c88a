import AdminProtocol
import SwiftProtobuf
import Testing

@Suite("Frames of the administration protocol")
struct AdminFrameTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    static let helloFrame = bytes("00 00 00 0b 08 01 12 07 08 02 10 02 1a 01 74")

    @Test func `a hello is the bytes that PROTOCOL.md prints`() throws {
        #expect(try AdminFrame.encode(.hello(software: "t", id: 1)) == Self.helloFrame)
    }

    @Test func `a negative recharge is the bytes that the schema says`() throws {
        var recharge = AdminAccountRecharge()
        recharge.id = "J1"
        recharge.amountUnits = -1
        recharge.chargeBy = .count
        // request_id 2; request (4) { account_recharge (15) { id "J1", amount_units −1 in ten bytes, charge_by 2 } }
        let body = "08 02 22 13 7a 11 0a 02 4a 31 10 ff ff ff ff ff ff ff ff ff 01 18 02"
        #expect(
            try AdminFrame.encode(.request(.accountRecharge(recharge), id: 2))
                == Self.bytes("00 00 00 17 " + body))
    }

    @Test func `an error is the bytes that the schema says`() throws {
        let frame = try AdminFrame.encode(.error(.invalidArgument("no", field: "id"), id: 0))
        #expect(frame == Self.bytes("00 00 00 0c 32 0a 08 01 12 02 6e 6f 1a 02 69 64"))
    }

    @Test func `every request comes back as it was`() throws {
        var setting = AdminSetting()
        setting.key = "name"
        setting.text = "驿站"
        var list = AdminSetting()
        list.key = "allow_ip"
        list.list = AdminTexts()
        var add = AdminAccountAdd()
        add.id = "J10003"
        add.settings = [setting, list]
        add.balanceUnits = .min
        let calls: [AdminRequest.OneOf_Call] = [
            .accountAdd(add), .accountShow(AdminAccountShow()), .accountList(AdminAccountList()),
            .accountSet(AdminAccountSet()), .accountEnable(AdminAccountEnable()),
            .accountRecharge(AdminAccountRecharge()), .channelAdd(AdminChannelAdd()),
            .channelShow(AdminChannelShow()), .channelList(AdminChannelList()), .channelSet(AdminChannelSet()),
            .channelEnable(AdminChannelEnable()), .messageShow(AdminMessageShow()),
            .ledgerVerify(AdminLedgerVerify()), .statusShow(AdminStatusShow()),
        ]
        var stream: [UInt8] = []
        for (id, call) in calls.enumerated() { stream += try AdminFrame.encode(.request(call, id: UInt64(id + 1))) }
        for (id, call) in calls.enumerated() {
            let envelope = try #require(try AdminFrame.take(from: &stream))
            #expect(envelope.requestID == UInt64(id + 1))
            #expect(envelope.request.call == call)
        }
        #expect(stream.isEmpty)
    }

    @Test func `an emptied list differs from one left alone`() throws {
        var setting = AdminSetting()
        #expect(setting.value == nil)
        setting.list = AdminTexts()
        let back = try AdminSetting(serializedBytes: try setting.serializedBytes() as [UInt8])
        #expect(back.value == .list(AdminTexts()))
    }

    @Test func `a frame cut anywhere waits for the rest`() throws {
        for length in 0..<Self.helloFrame.count {
            var part = Array(Self.helloFrame[..<length])
            #expect(try AdminFrame.take(from: &part) == nil)
            #expect(part.count == length)
        }
    }

    @Test func `too long a frame is refused by its header alone`() {
        var frame: [UInt8] = [0, 0x10, 0, 1]
        #expect(throws: AdminFrameError.tooLarge(bytes: (1 << 20) + 1)) { try AdminFrame.take(from: &frame) }
        frame = [0xFF, 0xFF, 0xFF, 0xFF]
        #expect(throws: AdminFrameError.tooLarge(bytes: 0xFFFF_FFFF)) { try AdminFrame.take(from: &frame) }
        frame = [0, 0x10, 0, 0]
        #expect(throws: Never.self) { try AdminFrame.take(from: &frame) }
    }

    @Test func `an envelope over the limit is not sent, one at the limit is`() throws {
        func frame(_ bytes: Int) throws -> [UInt8] {
            try AdminFrame.encode(.hello(software: String(repeating: "x", count: bytes), id: 1))
        }
        // What surrounds a text of this length: 6 bytes of version numbers and lengths a level.
        let overhead = try frame(1_000_000).count - 1_000_000 - AdminFrame.headerBytes
        #expect(try frame(AdminFrame.bodyBytesMax - overhead).count == AdminFrame.bodyBytesMax + 4)
        #expect(throws: AdminFrameError.tooLarge(bytes: AdminFrame.bodyBytesMax + 1)) {
            try frame(AdminFrame.bodyBytesMax - overhead + 1)
        }
    }

    @Test func `what is no envelope, or an empty one, is refused`() {
        for body in [[], [0x08, 0x01], [0xFF], [0x12, 0x7F, 0x00], [0x12, 0x01]] as [[UInt8]] {
            #expect(throws: AdminFrameError.notAnEnvelope) { try AdminFrame.decode(body: body) }
        }
    }

    @Test func `random bytes are an envelope or an error, never more`() {
        var random = SeededGenerator(seed: 0x5EED)
        for _ in 0..<20_000 {
            let body = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            if let envelope = try? AdminFrame.decode(body: body) {
                #expect(envelope.body != nil)
            }
        }
    }
}

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
}
