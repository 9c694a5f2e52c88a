import Messaging
import Testing

@testable import Dialects

/// Random values that a dialect can carry.
struct RandomWire {
    var random: SplitMix
    let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix(state: seed)
    }

    /// What a failure is to be repeated with.
    func at(_ round: Int) -> Comment { "seed \(seed), round \(round)" }

    /// That some are a little likelier than others does not matter here.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        let count = UInt64(bitPattern: Int64(range.upperBound - range.lowerBound)) + 1
        return range.lowerBound + Int(random.next() % count)
    }

    mutating func oneIn(_ count: Int) -> Bool { number(1...count) == 1 }

    private static let alphabets: [[Character]] = [
        Array("abcXYZ0123456789"), Array(" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~%\n\r\t"), Array("验证码您的登录密码是中文短信測試"),
        Array("😀👍🏽é€ßя"),
    ]

    /// Never blank, and at most `unitsMax` UTF-16 units.
    /// - Parameter holdsSequences: whether a `%XX` may stand in it.
    mutating func text(unitsMax: Int, holdsSequences: Bool = true) -> String {
        let length = oneIn(100) ? number(1...unitsMax) : number(1...min(unitsMax, 40))
        var text = "x"
        text.reserveCapacity(length * 3)
        var units = 1
        while units < length {
            let alphabet = Self.alphabets[number(0...3)]
            let character = alphabet[number(0...alphabet.count - 1)]
            units += String(character).utf16.count
            guard units <= unitsMax else { break }
            text.append(character)
        }
        let hasSequence = Array(text.utf8).withUnsafeBufferPointer { PercentCoding.hasSequence($0) }
        return hasSequence && !holdsSequences ? text.filter { $0 != "%" } : text
    }

    /// An id without blanks at its ends.
    mutating func identifier(bytesMax: Int) -> String {
        var text = ""
        let length = number(0...bytesMax)
        for _ in 0..<length { text.unicodeScalars.append(Unicode.Scalar(UInt8(number(0x21...0x7E)))) }
        return text
    }

    mutating func digits(_ count: ClosedRange<Int>) -> String {
        let length = number(count)
        var text = ""
        for _ in 0..<length { text += String(number(0...9)) }
        return text
    }

    mutating func phone() -> PhoneNumber {
        if oneIn(20) { return PhoneNumber(rawValue: -Int64(number(85_200_000_000...85_299_999_999))) }
        return PhoneNumber(rawValue: Int64(number(13_000_000_000...19_999_999_999)))
    }

    /// The first is a number.
    mutating func recipients(max: Int) -> [Recipient] {
        let count = oneIn(200) ? number(1...max) : number(1...min(max, 12))
        return (0..<count).map { index in
            index > 0 && oneIn(15) ? Recipient("x" + digits(0...10)) : .number(phone())
        }
    }

    /// Whole seconds, from 2001 to 2033.
    mutating func time() -> Timestamp { Timestamp(milliseconds: Int64(number(1_000_000_000...2_000_000_000)) * 1000) }

    mutating func status() -> DeliveryStatus {
        let codes = ["DELIVRD", "DELIVRD", "UNDELIV", "EXPIRED", "MBBLACK", "REJECTD", "MK:0001", "ID:0076", "NOROUTE"]
        return DeliveryStatus(codes[number(0...codes.count - 1)])
    }

    mutating func report() -> CustomerReport {
        let id = MessageID(sequence: MessageSequence(Int64(number(1...Int(MessageID.sequenceMax)))))
        return CustomerReport(
            id: id, customID: identifier(bytesMax: 40), segmentNumber: 1, segmentTotal: 1, mobile: phone().text,
            accessNumber: digits(1...20), accessExtension: digits(0...6), submittedAt: time(), reportedAt: time(),
            status: status(), customData: "",
            requestID: MessageID(sequence: MessageSequence(Int64(number(1...Int(id.sequence.rawValue))))))
    }

    mutating func reply() -> CustomerReply {
        CustomerReply(
            id: MessageID(sequence: 1), mobile: phone().text, accessNumber: digits(1...20),
            accessExtension: digits(0...12), receivedAt: time(), content: text(unitsMax: 500, holdsSequences: false))
    }
}

extension RandomWire {
    private static let extras: [[UInt8]] = [
        Array("\"".utf8), Array("\\u".utf8), Array("{[".utf8), Array("%".utf8), Array("&".utf8), Array("%25".utf8),
        [0xFF, 0x81], [0], Array(",".utf8), Array("9999999999999999999999".utf8), Array("null".utf8),
        Array("</".utf8), Array("<![CDATA[".utf8),
    ]

    /// `golden` with one to four changes: bytes replaced, put in, taken out, repeated.
    mutating func mutated(_ golden: [UInt8]) -> [UInt8] {
        var bytes = golden
        for _ in 0..<number(1...4) {
            let at = number(0...max(0, bytes.count - 1))
            switch number(0...3) {
            case 0: if !bytes.isEmpty { bytes[at] = UInt8(number(0...255)) }
            case 1: bytes.insert(contentsOf: Self.extras[number(0...Self.extras.count - 1)], at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + number(1...9)))
            default: bytes.append(contentsOf: bytes[at...])
            }
        }
        return bytes
    }
}
