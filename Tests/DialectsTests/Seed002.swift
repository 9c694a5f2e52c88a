import Dialects
import Messaging

/// The samples of seed 002, with these repairs and no others:
/// - masked numbers (`138xxxxxxxx`) are replaced by full ones, for a masked number is refused;
/// - line breaks that the document's page width put into a body are joined;
/// - in XML the line breaks and indentation between elements are kept: a client may send them.
enum Seed002 {
    static let digest = "26dad7f364507df18f3841cc9c4ff94d"
    static let encoded = "%b2%e2%ca%d4%b6%cc%d0%c5"
    static let content = "测试短信"
    static let credentials = OperatorV2.Credentials(userID: "J10003", password: digest, timestamp: "0803192020")
    static let login = OperatorV2.Login.digest(userID: "J10003", password: "111111")
    static let account = Account(id: "J10003")
    static let secrets = AccountSecrets(apiPassword: "111111")

    /// 3 August 2016, 19:20:20 in China: the moment of timestamp 0803192020.
    static let now = Timestamp(milliseconds: 1_470_223_220_000)

    static let numbers = ["13800138000", "13000130000", "18000180000", "13100131000"]

    static func recipients(_ indices: Int...) -> [Recipient] { indices.map { Recipient(numbers[$0]) } }

    static func part(_ recipients: [Recipient], type: String = "SMS001", exno: String = "0006", data: String = "2")
        -> Submission.Part
    {
        Submission.Part(
            recipients: recipients, content: content, customID: "b3d0a2783d31b21b8573",
            customData: "exdata00000\(data)",
            accessExtension: exno, serviceType: type)
    }

    // §2.1.7
    static let singleForm =
        "userid=J10003&pwd=\(digest)&mobile=13800138000&content=\(encoded)&timestamp=0803192020&svrtype=SMS001"
        + "&exno=0006&custid=b3d0a2783d31b21b8573&exdata=exdata000002"
    /// The blank before SMS001 is the document's.
    static let singleJSON =
        #"{"userid":"J10003","pwd":"\#(digest)","mobile":"13800138000","content":"\#(encoded)","#
        + #""timestamp":"0803192020","svrtype":" SMS001","exno":"0006","custid":"b3d0a2783d31b21b8573","#
        + #""exdata":"exdata000002"}"#
    static let singleXML = sendXML(mobile: "13800138000")

    // §2.2.7
    static let batchForm = singleForm.replacing("mobile=13800138000", with: "mobile=" + batchMobiles)
    static let batchJSON = singleJSON.replacing("13800138000", with: batchMobiles).replacing(" SMS", with: "SMS")
    static let batchXML = sendXML(mobile: batchMobiles)
    static let batchMobiles = "13800138000,13000130000,18000180000"

    // §2.3.7
    static let multiList =
        #"[{"mobile":"13800138000","content":"\#(encoded)","svrtype":"SMS001","exno":"0006","#
        + #""custid":"b3d0a2783d31b21b8573","exdata":"exdata000001"},"#
        + #"{"mobile":"13100131000","content":"\#(encoded)","svrtype":"SMS002","exno":"0007","#
        + #""custid":"b3d0a2783d31b21b8573","exdata":"exdata000002"}]"#
    static let multiForm = "userid=J10003&pwd=\(digest)&timestamp=0803192020&multimt=\(multiList)"
    static let multiJSON =
        #"{"userid":"J10003","pwd":"\#(digest)","timestamp":"0803192020","multimt":\#(multiList)}"#
    static let multiXML = """
        <?xml version=1.0 encoding=utf-8?>
        <mtreq>
        \t<userid>J10003</userid>
        <pwd>\(digest) </pwd>
        <timestamp>0803192020</timestamp>
        <multimt>
          <mt>
         <mobile>13800138000</mobile>
         <content>\(encoded)</content>
        <svrtype>SMS001</svrtype>
         <exno>0006</exno>
         <custid>b3d0a2783d31b21b8573</custid>
         <exdata>exdata000002</exdata>
        </mt>
        <mt>
         <mobile>13100131000</mobile>
         <content>\(encoded)</content>
        <svrtype>SMS002</svrtype>
         <exno>0007</exno>
         <custid>b3d0a2783d31b21b8573</custid>
         <exdata>exdata000002</exdata>
        </mt>
        </multimt>
        </mtreq>
        """

    private static func sendXML(mobile: String) -> String {
        """
        <?xml version=1.0 encoding=utf-8?>
        <mtreq>
        \t<userid>J10003</userid>
        <pwd>\(digest) </pwd>
        <mobile>\(mobile)</mobile>
        <content>\(encoded)</content>
        <timestamp>0803192020</timestamp>
        <svrtype>SMS001</svrtype>
        <exno>0006</exno>
        <custid>b3d0a2783d31b21b8573</custid>
        <exdata>exdata000002</exdata>
        </mtreq>
        """
    }

    // §2.4.7, §2.5.7, §2.6.7
    static let identityForm = "userid=J10003&pwd=\(digest)&timestamp=0803192020"
    static let identityJSON = #"{"userid":"J10003","pwd":"\#(digest)","timestamp":"0803192020"}"#
    static func fetchForm(_ limit: Int) -> String { identityForm + "&retsize=\(limit)" }
    static func fetchJSON(_ limit: Int) -> String { identityJSON.dropLast() + ",\"retsize\":\(limit)}" }
    static func fetchXML(_ root: String, _ limit: Int) -> String {
        """
        <?xml version=1.0 encoding=utf-8?>
        <\(root)>
        \t<userid>J10003</userid>
        <pwd>\(digest) </pwd>
        <timestamp>0803192020</timestamp>
        <retsize>\(limit)</retsize>
        </\(root)>
        """
    }
    static let balanceXML = fetchXML("feereq", 0).replacing("<retsize>0</retsize>\n", with: "")
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The request of a text body.
func decoded(
    _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat, _ body: String,
    charset: TextCharset = .gbk
) throws -> OperatorV2.Request {
    try OperatorV2.decodeRequest(
        OperatorV2.Endpoint(operation, charset: charset), format: format, body: Array(body.utf8))
}

/// What a whole body was refused for, or one of its fields.
func rejection(
    _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat, _ body: [UInt8], charset: TextCharset = .gbk
) -> Rejection? {
    do throws(Rejection) {
        let endpoint = OperatorV2.Endpoint(operation, charset: charset)
        _ = try OperatorV2.decodeRequest(endpoint, format: format, body: body).content.get()
        return nil
    } catch {
        return error
    }
}

/// The printed sample as it is sent: without white space between tokens, the prolog well-formed.
func compactedXML(_ printed: String) -> String {
    var result = #"<?xml version="1.0" encoding="utf-8"?>"#
    for line in printed.split(separator: "\n").dropFirst() {
        result += line.drop { $0 == " " || $0 == "\t" }
    }
    return result
}
