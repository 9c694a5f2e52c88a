import Dialects
import Messaging

/// One message sent through an interface, in steps that every language can write: values one after the other, and
/// requests made of them. In texts `‹name›` means the value of that name.
struct SampleProgram {
    /// What a value is.
    enum Value {
        /// From the environment, so that no secret is in a program's text.
        case secret(variable: String)
        /// `MMddHHmmss` in China.
        case chinaTime
        /// Since 1970, 13 digits.
        case milliseconds
        /// In 32 hexadecimal digits.
        case md5(String)
        /// In 64 hexadecimal digits.
        case sm3(String)
        /// Percent-encoded UTF-8.
        case encoded(String)
    }

    /// One step.
    enum Step {
        case value(String, Value)
        case request(Request)
    }

    /// A POST whose answer is printed, or of which one field becomes a value.
    struct Request {
        /// Begins with a slash.
        var path: String
        var headers: [(name: String, value: String)]
        var body: String
        /// A text field of the JSON answered, as a value of the same name; nil: the answer is printed.
        var takes: String?
    }

    var steps: [Step]
}

extension SampleProgram {
    private static let mobile = "13800138000"
    private static let content = "测试短信"
    private static let json = (name: "Content-Type", value: "application/json")
    private static let form = (name: "Content-Type", value: "application/x-www-form-urlencoded")

    /// One message through `dialect`, with what the account calls itself there filled in.
    init(_ dialect: DialectName, account: Account) {
        let login = account.login(in: dialect) ?? account.id
        switch dialect {
        case .operatorV2: steps = Self.operatorV2(login)
        case .enterpriseOAuth2: steps = Self.enterpriseToken(login, clientID: account.clientID)
        case .enterpriseJSON: steps = Self.enterprisePlain(login, enterpriseID: account.enterpriseID)
        case .apiV1: steps = Self.apiV1(login)
        case .guodu: steps = Self.guodu(login)
        case .yixintong: steps = Self.yixintong(login, spCode: account.spCode.isEmpty ? "100001" : account.spCode)
        }
    }

    private static let password = Step.value("password", .secret(variable: "YIZHAN_PASSWORD"))

    private static func operatorV2(_ login: String) -> [Step] {
        [
            password, .value("timestamp", .chinaTime),
            .value("pwd", .md5("\(login)00000000‹password›‹timestamp›")), .value("content", .encoded(content)),
            .request(
                Request(
                    path: "/sms/v2/std/single_send", headers: [form],
                    body: "userid=\(login)&timestamp=‹timestamp›&pwd=‹pwd›&mobile=\(mobile)&content=‹content›")),
        ]
    }

    private static func enterpriseToken(_ login: String, clientID: String) -> [Step] {
        [
            .value("secret", .secret(variable: "YIZHAN_CLIENT_SECRET")), password,
            .request(
                Request(
                    path: "/oauth2/token", headers: [json],
                    body: """
                        {"grant_type":"client_credentials","client_id":"\(clientID)","client_secret":"‹secret›"}
                        """, takes: "access_token")),
            .value("timestamp", .milliseconds), .value("signature", .md5("\(login)|‹password›|‹timestamp›")),
            .request(
                Request(
                    path: "/oauth2/sms/send",
                    headers: [
                        json, ("Authorization", "‹access_token›"), ("account", login), ("timeStamp", "‹timestamp›"),
                        ("signature", "‹signature›"),
                    ], body: #"{"mobile":"\#(mobile)","content":"\#(content)"}"#)),
        ]
    }

    private static func enterprisePlain(_ login: String, enterpriseID: String) -> [Step] {
        [
            password, .value("digest", .md5("‹password›")),
            .request(
                Request(
                    path: "/json/sms/send",
                    headers: [json, ("userid", enterpriseID), ("account", login), ("password", "‹digest›")],
                    body: #"{"mobile":"\#(mobile)","content":"\#(content)"}"#)),
        ]
    }

    private static func apiV1(_ login: String) -> [Step] {
        [
            password, .value("digest", .md5("‹password›")), .value("content", .encoded(content)),
            .request(
                Request(
                    path: "/api/v1/send", headers: [form],
                    body: "account=\(login)&pwd=‹digest›&mobiles=\(mobile)&content=‹content›")),
        ]
    }

    private static func guodu(_ login: String) -> [Step] {
        [
            password, .value("content", .encoded(content)),
            .request(
                Request(
                    path: "/HttpQuickProcess/submitJson", headers: [json],
                    body: #"{"OperID":"\#(login)","OperPass":"‹password›","SendTime":"","AppendID":"","#
                        + #""DesMobile":"\#(mobile)","Content":"‹content›"}"#)),
        ]
    }

    private static func yixintong(_ login: String, spCode: String) -> [Step] {
        let query =
            "messageContent=\(content)&serialNumber=‹timestamp›0000001&templateId=0&type=1&userNumber=\(mobile)"
        return [
            .value("secret", .secret(variable: "YIZHAN_APP_SECRET")), .value("timestamp", .milliseconds),
            .value("query", .encoded(query)),
            .value("signature", .sm3("\(spCode)\(login)‹secret›‹query›‹timestamp›000001")),
            .request(
                Request(
                    path: "/api/sms/send",
                    headers: [
                        ("Content-Type", "application/json;charset=UTF-8"), ("x-sp-code", spCode),
                        ("x-app-key", login), ("x-request-id", "‹timestamp›000001"), ("x-sign", "‹signature›"),
                    ],
                    body: #"{"type":"1","userNumber":"\#(mobile)","templateId":"0","messageContent":"\#(content)","#
                        + #""serialNumber":"‹timestamp›0000001"}"#)),
        ]
    }

    /// Variables of the environment that the program reads.
    var variables: [String] {
        steps.compactMap { if case .value(_, .secret(let variable)) = $0 { variable } else { nil } }
    }
}
