import Dialects
import Messaging
import Testing

/// The field `validtime` of dialect 002's later editions, in every send and format.
struct ValidTimeTests {
    private static let five = Timestamp(milliseconds: 1_720_497_600_000 + 300_000)

    private func validity(
        _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat, _ body: String
    ) throws -> Timestamp? {
        let endpoint = try #require(OperatorV2.Endpoint(path: "/sms/v2/std/\(operation.rawValue)"))
        let request = try OperatorV2.decodeRequest(endpoint, format: format, body: Array(body.utf8))
        guard case .send(let submission) = try request.content.get() else { return nil }
        return submission.validUntil
    }

    private static func body(
        _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat, _ validtime: String
    ) -> String {
        let isMulti = operation == .multiSend
        switch format {
        case .json:
            return isMulti
                ? #"{"multimt":[{"mobile":"13800138000","content":"a"}],"validtime":"\#(validtime)"}"#
                : #"{"mobile":"13800138000","content":"a","validtime":"\#(validtime)"}"#
        case .xml:
            let entry = "<mobile>13800138000</mobile><content>a</content>"
            let message = isMulti ? "<multimt><mt>\(entry)</mt></multimt>" : entry
            return "<mtreq>\(message)<validtime>\(validtime)</validtime></mtreq>"
        case .form:
            let message =
                isMulti ? #"multimt=[{"mobile":"13800138000","content":"a"}]"# : "mobile=13800138000&content=a"
            return message + "&validtime=\(validtime)"
        }
    }

    @Test(arguments: [OperatorV2.BodyFormat.json, .xml, .form])
    func `it is read in every send`(format: OperatorV2.BodyFormat) throws {
        for operation in [OperatorV2.Operation.singleSend, .batchSend, .multiSend] {
            for (text, end) in [("20240709120500", Self.five), ("", nil), ("0", nil)] as [(String, Timestamp?)] {
                #expect(
                    try validity(operation, format, Self.body(operation, format, text)) == end, "\(operation) '\(text)'"
                )
            }
            #expect(throws: Rejection.scheduleInvalid) {
                try validity(operation, format, Self.body(operation, format, "20241309120500"))
            }
        }
    }
}
