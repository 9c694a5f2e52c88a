import Testing

@testable import yizhan

@Suite("Arguments of the command line")
struct ArgumentTests {
    @Test(
        arguments: [
            ("200ms", 200), ("5s", 5000), ("10m", 600_000), ("72h", 259_200_000), ("0s", 0), ("007s", 7000),
        ] as [(String, Int64)])
    func `a duration is digits and a unit`(_ text: String, _ milliseconds: Int64) throws {
        let argument = try #require(DurationArgument(argument: text))
        #expect(argument.milliseconds == milliseconds)
        #expect(argument.duration == .milliseconds(milliseconds))
        #expect(argument.description == text)
    }

    @Test(arguments: ["", "5", "s", "-5s", "+5s", "5 s", "1.5s", "5d", "5S", "５s", "99999999999999999999h", "9999999h"])
    func `what is no duration is refused`(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test func `durations are equal by what they mean`() {
        #expect(DurationArgument(argument: "1000ms") == DurationArgument(milliseconds: 1000))
        #expect(DurationArgument(milliseconds: 200).description == "200ms")
        #expect(DurationArgument(milliseconds: 5000).description == "5s")
    }

    @Test(
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65_535),
            ("[2001:db8::2]:80", "2001:db8::2", 80),
        ] as [(String, String, UInt16)])
    func `an address is a host and a port`(_ text: String, _ host: String, _ port: UInt16) throws {
        let argument = try #require(AddressArgument(argument: text))
        #expect(argument.host == host)
        #expect(argument.port == port)
        #expect(argument.description == text)
        let listen = try #require(ListenArgument(argument: "front=" + text))
        #expect(listen.name == "front")
        #expect(listen.address == argument)
        #expect(listen.description == "front=" + text)
    }

    @Test(arguments: [
        "", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
        "::1:80", "[127.0.0.1]:80", "[::1]", "example.com:80", "256.0.0.1:80", "127.0.0.1: 80",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(AddressArgument(argument: text) == nil)
        #expect(ListenArgument(argument: "front=" + text) == nil)
        #expect(ListenArgument(argument: "=127.0.0.1:80") == nil)
        #expect(ListenArgument(argument: "127.0.0.1:80") == nil)
    }

    @Test func `a negative amount goes behind the options`() {
        func last(_ text: String) -> [String] {
            Yizhan.negativeAmountsLast(text.split(separator: " ").map(String.init))
        }
        #expect(last("account recharge A -5 --json") == ["account", "recharge", "A", "--json", "--", "-5"])
        #expect(last("account recharge A 5 --note -5") == ["account", "recharge", "A", "5", "--note", "-5"])
        #expect(last("account recharge A -- -5") == ["account", "recharge", "A", "--", "-5"])
        #expect(last("status -5") == ["status", "-5"])
    }

    @Test func `JSON is escaped and keeps its order`() {
        let value = JSONText.object([
            ("b", .string("\"\\\n\u{1}\u{7F}\u{2028}驿😀")), ("a", .array([.null, .bool(true), .integer(-1)])),
            ("max", .integer(UInt64.max)), ("min", .integer(Int64.min)),
        ])
        #expect(
            value.description
                == #"{"b":"\"\\\n\u0001\u007f\u2028驿😀","a":[null,true,-1],"max":18446744073709551615,"#
                + #""min":-9223372036854775808}"#)
    }
}
