/// Writes a `SampleProgram` in one language.
protocol SampleWriter {
    /// As people call the language.
    static var name: String { get }
    /// Between two parts of a text.
    static var plus: String { get }
    /// In front of each line of the steps.
    static var indent: String { get }

    /// The text as it is written in a program.
    static func literal(_ text: String) -> String
    static func variable(_ name: String) -> String
    /// What `name` means from here on.
    static func define(_ name: String, _ expression: String) -> String
    static func secret(_ variable: String) -> String
    static var chinaTime: String { get }
    static var milliseconds: String { get }
    static func md5(_ expression: String) -> String
    static func sm3(_ expression: String) -> String
    static func encoded(_ expression: String) -> String
    /// A request, in one or more lines.
    static func request(_ request: SampleRequest) -> [String]
    /// The whole program around the steps.
    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String
}

/// A request whose parts are expressions of the language.
struct SampleRequest {
    var address: String
    var headers: [(name: String, value: String)]
    var body: String
    var takes: String?
}

/// What a program uses beside requests.
enum SampleNeed {
    case md5, sm3, encoding, time, json
}

extension SampleWriter {
    /// - Parameter base: scheme and host, without a slash at the end.
    static func write(_ program: SampleProgram, base: String) -> String {
        var needs: Set<SampleNeed> = []
        let lines = program.steps.flatMap { step -> [String] in
            switch step {
            case .value(let name, let value): return [define(name, expression(value, &needs))]
            case .request(let request):
                if request.takes != nil { needs.insert(.json) }
                return self.request(
                    SampleRequest(
                        address: literal(base + request.path),
                        headers: request.headers.map { ($0.name, text($0.value)) }, body: text(request.body),
                        takes: request.takes))
            }
        }
        return whole(lines.map { $0.isEmpty ? "" : indent + $0 }.joined(separator: "\n"), needs)
    }

    private static func expression(_ value: SampleProgram.Value, _ needs: inout Set<SampleNeed>) -> String {
        switch value {
        case .secret(let variable): return secret(variable)
        case .chinaTime:
            needs.insert(.time)
            return chinaTime
        case .milliseconds: return milliseconds
        case .md5(let text):
            needs.insert(.md5)
            return md5(self.text(text))
        case .sm3(let text):
            needs.insert(.sm3)
            return sm3(self.text(text))
        case .encoded(let text):
            needs.insert(.encoding)
            return encoded(self.text(text))
        }
    }

    /// Literals and values with `plus` between them.
    private static func text(_ text: String) -> String {
        var parts: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "‹"), let end = rest[start...].firstIndex(of: "›") {
            if start > rest.startIndex { parts.append(literal(String(rest[..<start]))) }
            parts.append(variable(String(rest[rest.index(after: start)..<end])))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(literal(String(rest))) }
        return parts.joined(separator: plus)
    }

    /// With a backslash before quotes and backslashes.
    static func quoted(_ text: String, _ quote: Character = "\"") -> String {
        var quoted = String(quote)
        for character in text {
            if character == quote || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + String(quote)
    }
}

/// The languages that samples are shown in.
enum SampleLanguage: CaseIterable {
    case curl, java, php, python, go, cSharp, node, swift

    private var writer: any SampleWriter.Type {
        switch self {
        case .curl: CurlSample.self
        case .java: JavaSample.self
        case .php: PHPSample.self
        case .python: PythonSample.self
        case .go: GoSample.self
        case .cSharp: CSharpSample.self
        case .node: NodeSample.self
        case .swift: SwiftSample.self
        }
    }

    var name: String { writer.name }

    func write(_ program: SampleProgram, base: String) -> String { writer.write(program, base: base) }
}
