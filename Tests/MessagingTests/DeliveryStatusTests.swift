import Messaging
import Testing

/// WIRE.md "Status vocabulary".
struct DeliveryStatusTests {
    @Test(arguments: ["EXPIRED", "DELETED", "UNDELIV", "REJECTD", "UNKNOWN", "NOROUTE", "MBBLACK"])
    func `a failure is final and no delivery`(_ code: String) {
        let status = DeliveryStatus(code)
        #expect(status.code == code)
        #expect(status.isFinal && !status.isDelivered)
    }

    @Test(arguments: ["MK", "MA", "MB", "MI", "MN", "CA", "CB", "DA", "DB", "IA", "IB", "IC", "ID"])
    func `a carrier's class and number are kept verbatim`(_ prefix: String) {
        let status = DeliveryStatus(prefix + ":0001")
        #expect(status.code == prefix + ":0001")
        #expect(status.description == status.code)
        #expect(status.isFinal && !status.isDelivered)
    }

    @Test(arguments: ["ACCEPTD", "ENROUTE", "acceptd", " ENROUTE\r\n"])
    func `a message on its way is not final`(_ code: String) {
        #expect(!DeliveryStatus(code).isFinal && !DeliveryStatus(code).isDelivered)
    }

    @Test(arguments: ["DELIVRD", "delivrd", "\tDELIVRD ", "Delivrd\n"])
    func `a delivery is recognised however it is written`(_ code: String) {
        #expect(DeliveryStatus(code) == .delivered)
        #expect(DeliveryStatus(code).isFinal && DeliveryStatus(code).isDelivered)
    }

    @Test func `nothing, blanks, control characters and overlong codes are unknown`() {
        for code in [
            "", "  \r\n\t", "DEL\0IVRD", "A\nB", "A\u{7F}", String(repeating: "A", count: 33),
            String(repeating: "测", count: 11),
        ] {
            #expect(DeliveryStatus(code) == .unknown)
        }
        #expect(DeliveryStatus(String(repeating: "A", count: 32)).code == String(repeating: "A", count: 32))
    }

    @Test func `the named statuses have the codes of the vocabulary`() {
        let named: [(DeliveryStatus, String)] = [
            (.delivered, "DELIVRD"), (.expired, "EXPIRED"), (.undeliverable, "UNDELIV"), (.rejected, "REJECTD"),
            (.unknown, "UNKNOWN"), (.noRoute, "NOROUTE"), (.blacklisted, "MBBLACK"), (.accepted, "ACCEPTD"),
        ]
        for (status, code) in named {
            #expect(status.code == code)
            #expect(DeliveryStatus(code) == status)
        }
    }

    @Test(arguments: [
        (" a b ", "a b"), ("\r\n\r\n", ""), ("", ""), ("x", "x"), ("\t测 ", "测"), ("\u{3000}a", "\u{3000}a"),
    ])
    func `trimming takes white space off both ends and nothing else`(_ text: String, _ trimmed: String) {
        #expect(text.trimmed() == trimmed)
        #expect(text[...].trimmed() == trimmed)
    }
}
