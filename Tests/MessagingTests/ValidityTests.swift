import Messaging
import Testing

struct ValidityTests {
    private static let noon = Timestamp(milliseconds: 1_720_497_600_000)
    private static let hour: Int64 = 3_600_000

    private static func at(_ milliseconds: Int64) -> Timestamp { noon.adding(milliseconds: milliseconds) }

    @Test func `an account's time counts from when its messages may go out`() throws {
        #expect(try Validity.end(asked: nil, duration: nil, from: Self.noon, durationMax: Self.hour) == nil)
        #expect(try Validity.end(asked: nil, duration: 5000, from: Self.noon, durationMax: Self.hour) == Self.at(5000))
        // As long as time goes.
        #expect(try Validity.end(asked: nil, duration: .max, from: Self.noon, durationMax: .max) == nil)
    }

    @Test func `a request's own moment goes before it, within bounds`() throws {
        for (ahead, isTaken) in [
            (1, true), (hour, true), (0, false), (-1, false), (hour + 1, false),
        ] as [(Int64, Bool)] {
            let end = try? Validity.end(
                asked: Self.at(ahead), duration: 5000, from: Self.noon, durationMax: Self.hour)
            #expect(end == (isTaken ? Self.at(ahead) : nil), "\(ahead)")
        }
        #expect(throws: Rejection.scheduleInvalid) {
            try Validity.end(
                asked: Timestamp(milliseconds: .max), duration: nil, from: Timestamp(milliseconds: -1),
                durationMax: .max)
        }
    }

    private var hour: Int64 { Self.hour }

    @Test func `a message is over at its end, and never without one`() {
        #expect(!Validity.isOver(nil, at: Self.noon))
        #expect(!Validity.isOver(Self.at(1), at: Self.noon))
        #expect(Validity.isOver(Self.noon, at: Self.noon))
        #expect(Validity.isOver(Self.at(-1), at: Self.noon))
    }

    @Test(arguments: ["", " ", "0", "00000000000000", "-1"])
    func `a field that is empty or not above zero is none`(text: String) throws {
        #expect(try Validity.read(text) == nil)
    }

    @Test func `a field is a moment in China, or is refused`() throws {
        #expect(try Validity.read(" 20240709120500 ") == Self.at(300_000))
        for text in ["20240709126000", "2024070912", "soon", "-", "-x"] {
            #expect(throws: Rejection.scheduleInvalid, "\(text)") { try Validity.read(text) }
        }
    }
}
