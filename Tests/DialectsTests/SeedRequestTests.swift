import Dialects
import Messaging
import Testing

/// Every sample request of seed 002 is understood as the document means it.
struct SeedRequestTests {
    @Test(
        "single_send, §2.1.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.singleForm), (.json, Seed002.singleJSON), (.xml, Seed002.singleXML),
        ])
    func single(format: OperatorV2.BodyFormat, body: String) throws {
        let request = try decoded(.singleSend, format, body)
        #expect(request.credentials == Seed002.credentials)
        let expected = Submission(parts: [Seed002.part(Seed002.recipients(0))])
        #expect(request.content == .success(.send(expected)))
    }

    @Test(
        "batch_send, §2.2.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.batchForm), (.json, Seed002.batchJSON), (.xml, Seed002.batchXML),
        ])
    func batch(format: OperatorV2.BodyFormat, body: String) throws {
        let request = try decoded(.batchSend, format, body)
        #expect(request.credentials == Seed002.credentials)
        let expected = Submission(parts: [Seed002.part(Seed002.recipients(0, 1, 2))])
        #expect(request.content == .success(.send(expected)))
    }

    /// The two entries carry exdata000001 and 2 in JSON and form, and twice 2 in XML.
    @Test(
        "multi_send, §2.3.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.multiForm, "1"), (.json, Seed002.multiJSON, "1"),
            (.xml, Seed002.multiXML, "2"),
        ])
    func multi(format: OperatorV2.BodyFormat, body: String, firstData: String) throws {
        let request = try decoded(.multiSend, format, body)
        #expect(request.credentials == Seed002.credentials)
        let expected = Submission(parts: [
            Seed002.part(Seed002.recipients(0), data: firstData),
            Seed002.part(Seed002.recipients(3), type: "SMS002", exno: "0007"),
        ])
        #expect(request.content == .success(.send(expected)))
    }

    @Test(
        "get_mo, §2.4.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.fetchForm(200)), (.json, Seed002.fetchJSON(200)),
            (.xml, Seed002.fetchXML("moreq", 200)),
        ])
    func replies(format: OperatorV2.BodyFormat, body: String) throws {
        let request = try decoded(.fetchReplies, format, body)
        #expect(
            request
                == OperatorV2.Request(
                    credentials: Seed002.credentials, content: .success(.fetch(limit: 200))))
    }

    @Test(
        "get_rpt, §2.5.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.fetchForm(300)), (.json, Seed002.fetchJSON(300)),
            (.xml, Seed002.fetchXML("rptreq", 300)),
        ])
    func reports(format: OperatorV2.BodyFormat, body: String) throws {
        let request = try decoded(.fetchReports, format, body)
        #expect(
            request
                == OperatorV2.Request(
                    credentials: Seed002.credentials, content: .success(.fetch(limit: 300))))
    }

    @Test(
        "get_balance, §2.6.7",
        arguments: [
            (OperatorV2.BodyFormat.form, Seed002.identityForm), (.json, Seed002.identityJSON),
            (.xml, Seed002.balanceXML),
        ])
    func balance(format: OperatorV2.BodyFormat, body: String) throws {
        let request = try decoded(.balance, format, body)
        #expect(request == OperatorV2.Request(credentials: Seed002.credentials, content: .success(.balance)))
    }

    @Test("the samples' numbers as they are printed, masked, are refused")
    func masked() {
        let single = #"{"mobile":"138xxxxxxxx","content":"%b2%e2"}"#
        let batch = #"{"mobile":"138xxxxxxxx,130xxxxxxxx,180xxxxxxxx","content":"%b2%e2"}"#
        let multi = #"{"multimt":[{"mobile":"138xxxxxxxx","content":"%b2%e2"}]}"#
        #expect(rejection(.singleSend, .json, Array(single.utf8)) == .numberInvalid)
        #expect(rejection(.batchSend, .json, Array(batch.utf8)) == .numberInvalid)
        #expect(rejection(.multiSend, .json, Array(multi.utf8)) == .numberInvalid)
    }

    @Test("the long sample content of §2.1.5 is read")
    func longContent() throws {
        let encoded =
            "%d1%e9%d6%a4%c2%eb%a3%ba6666%a3%ac%b4%f2%cb%c0%b6%bc%b2%bb%d2%aa%b8%e6%cb%df%b1%f0%c8%cb%c5%b6%a3%a1"
        let request = try decoded(.singleSend, .json, #"{"mobile":"13800138000","content":"\#(encoded)"}"#)
        guard case .success(.send(let submission)) = request.content else {
            Issue.record("refused")
            return
        }
        #expect(submission.parts[0].content == "验证码：6666，打死都不要告诉别人哦！")
    }

    @Test("our own requests are the samples', byte for byte")
    func emission() {
        func body(_ call: OperatorV2.Call, _ format: OperatorV2.BodyFormat) -> String {
            text(OperatorV2.encodeCall(call, login: Seed002.login, at: Seed002.now, format: format).body)
        }
        let single = OperatorV2.Call.singleSend(Seed002.part(Seed002.recipients(0)))
        #expect(body(single, .form) == Seed002.singleForm)
        // Without the stray blank in svrtype.
        #expect(body(single, .json) == Seed002.singleJSON.split(separator: " ").joined())
        #expect(body(single, .xml) == Self.emittedXML(Seed002.singleXML))
        let batch = OperatorV2.Call.batchSend(Seed002.part(Seed002.recipients(0, 1, 2)))
        #expect(body(batch, .form) == Seed002.batchForm)
        #expect(body(batch, .json) == Seed002.batchJSON)
        #expect(body(batch, .xml) == Self.emittedXML(Seed002.batchXML))
        let multi = OperatorV2.Call.multiSend([
            Seed002.part(Seed002.recipients(0), data: "1"),
            Seed002.part(Seed002.recipients(3), type: "SMS002", exno: "0007"),
        ])
        #expect(body(multi, .form) == Seed002.multiForm)
        #expect(body(multi, .json) == Seed002.multiJSON)
        // In XML the sample has the second exdata twice.
        let second = Seed002.part(Seed002.recipients(3), type: "SMS002", exno: "0007")
        #expect(
            body(.multiSend([Seed002.part(Seed002.recipients(0)), second]), .xml)
                == Self.emittedXML(Seed002.multiXML))
        #expect(body(.fetchReplies(limit: 200), .form) == Seed002.fetchForm(200))
        #expect(body(.fetchReplies(limit: 200), .json) == Seed002.fetchJSON(200))
        #expect(body(.fetchReplies(limit: 200), .xml) == Self.emittedXML(Seed002.fetchXML("moreq", 200)))
        #expect(body(.fetchReports(limit: 300), .form) == Seed002.fetchForm(300))
        #expect(body(.fetchReports(limit: 300), .json) == Seed002.fetchJSON(300))
        #expect(body(.fetchReports(limit: 300), .xml) == Self.emittedXML(Seed002.fetchXML("rptreq", 300)))
        #expect(body(.balance, .form) == Seed002.identityForm)
        #expect(body(.balance, .json) == Seed002.identityJSON)
        #expect(body(.balance, .xml) == Self.emittedXML(Seed002.balanceXML))
    }

    /// As printed, but for white space between elements and the stray blank in pwd.
    private static func emittedXML(_ printed: String) -> String {
        compactedXML(printed).split(separator: "d </pwd>").joined(separator: "d</pwd>")
    }
}
