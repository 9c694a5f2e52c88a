import Messaging
import Testing

struct CarrierReplyTests {
    @Test(
        "an extension alone is completed by the channel's number",
        arguments: [
            ("10", "106910"), ("", "1069"), ("0006", "10690006"), ("1069", "1069"), ("106912", "106912"),
        ])
    func completed(accessExtension: String, expected: String) {
        let reply = CarrierReply(
            carrierID: nil, mobile: "139", accessNumber: "", content: "T", accessExtension: accessExtension)
        #expect(reply.reached(over: "1069").accessNumber == expected)
        #expect(reply.reached(over: "1069").accessExtension == nil)
    }

    @Test("a full number stays as it is")
    func whole() {
        let reply = CarrierReply(carrierID: 7, mobile: "139", accessNumber: "12345", content: "T")
        #expect(reply.reached(over: "1069") == reply)
    }
}
