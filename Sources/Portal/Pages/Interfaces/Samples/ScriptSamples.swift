/// bash with curl.
enum CurlSample: SampleWriter {
    static let name = "curl"
    static let plus = ""
    static let indent = ""

    static func literal(_ text: String) -> String {
        var literal = ""
        for character in text {
            if "\"\\$`".contains(character) { literal.append("\\") }
            literal.append(character)
        }
        return literal
    }
    static func variable(_ name: String) -> String { "${\(name)}" }
    static func define(_ name: String, _ expression: String) -> String { "\(name)=\(expression)" }
    static func secret(_ variable: String) -> String { "${\(variable):?}" }
    static let chinaTime = "$(TZ=CST-8 date +%m%d%H%M%S)"
    static let milliseconds = "$(date +%s%3N)"
    static func md5(_ expression: String) -> String { "$(printf %s \"\(expression)\" | md5sum | cut -c1-32)" }
    static func sm3(_ expression: String) -> String {
        "$(printf %s \"\(expression)\" | openssl dgst -sm3 -r | cut -c1-64)"
    }
    static func encoded(_ expression: String) -> String { "$(encode \"\(expression)\")" }

    static func request(_ request: SampleRequest) -> [String] {
        var lines = ["curl -sS \(request.address)"]
        for header in request.headers { lines.append("  -H \"\(header.name): \(header.value)\"") }
        lines.append("  --data-binary \"\(request.body)\"")
        guard let field = request.takes else { return [lines.joined(separator: " \\\n")] }
        let read = "  sed -E 's/.*\"\(field)\" *: *\"([^\"]*)\".*/\\1/')"
        return ["\(field)=$(" + lines.joined(separator: " \\\n") + " |", read]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        let encode = """
            encode() {
              local LC_ALL=C place byte
              for ((place = 0; place < ${#1}; place++)); do
                byte=${1:place:1}
                case $byte in
                  [a-zA-Z0-9._~-]) printf %s "$byte" ;;
                  *) printf '%%%02X' "$(($(printf %d "'$byte") & 255))" ;;
                esac
              done
            }

            """
        return "#!/bin/bash\n" + (needs.contains(.encoding) ? encode : "") + steps + "\n"
    }
}

/// Python 3, without further packages.
enum PythonSample: SampleWriter {
    static let name = "Python"
    static let plus = " + "
    static let indent = ""

    static func literal(_ text: String) -> String { quoted(text, "'") }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "\(name) = \(expression)" }
    static func secret(_ variable: String) -> String { "os.environ['\(variable)']" }
    static let chinaTime = "datetime.now(timezone(timedelta(hours=8))).strftime('%m%d%H%M%S')"
    static let milliseconds = "str(time.time_ns() // 1_000_000)"
    static func md5(_ expression: String) -> String { "hashlib.md5((\(expression)).encode()).hexdigest()" }
    static func sm3(_ expression: String) -> String { "hashlib.new('sm3', (\(expression)).encode()).hexdigest()" }
    static func encoded(_ expression: String) -> String { "quote(\(expression), safe='')" }

    static func request(_ request: SampleRequest) -> [String] {
        let headers = request.headers.map { "'\($0.name)': \($0.value)" }.joined(separator: ", ")
        return [
            "", "request = Request(", "    \(request.address),", "    (\(request.body)).encode(),", "    {\(headers)})",
            "answer = urlopen(request, timeout=10).read().decode()",
            request.takes.map { "\($0) = json.loads(answer)['\($0)']" } ?? "print(answer)",
        ]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        var imports: [String] = []
        if needs.contains(.md5) || needs.contains(.sm3) { imports.append("import hashlib") }
        if needs.contains(.json) { imports.append("import json") }
        imports += ["import os", "import time"]
        if needs.contains(.time) { imports.append("from datetime import datetime, timedelta, timezone") }
        if needs.contains(.encoding) { imports.append("from urllib.parse import quote") }
        imports.append("from urllib.request import Request, urlopen")
        return imports.joined(separator: "\n") + "\n\n" + steps + "\n"
    }
}

/// PHP, without further packages.
enum PHPSample: SampleWriter {
    static let name = "PHP"
    static let plus = " . "
    static let indent = ""

    static func literal(_ text: String) -> String { quoted(text, "'") }
    static func variable(_ name: String) -> String { "$\(name)" }
    static func define(_ name: String, _ expression: String) -> String { "$\(name) = \(expression);" }
    static func secret(_ variable: String) -> String { "getenv('\(variable)')" }
    static let chinaTime = "(new DateTime('now', new DateTimeZone('Asia/Shanghai')))->format('mdHis')"
    static let milliseconds = "sprintf('%d', microtime(true) * 1000)"
    static func md5(_ expression: String) -> String { "md5(\(expression))" }
    static func sm3(_ expression: String) -> String { "openssl_digest(\(expression), 'sm3')" }
    static func encoded(_ expression: String) -> String { "rawurlencode(\(expression))" }

    static func request(_ request: SampleRequest) -> [String] {
        var lines = ["", "$answer = file_get_contents(\(request.address), false, stream_context_create(['http' => ["]
        lines += [
            "    'method' => 'POST',", "    'timeout' => 10,", "    'ignore_errors' => true,", "    'header' => [",
        ]
        lines += request.headers.map { "        '\($0.name): ' . \($0.value)," }
        lines += ["    ],", "    'content' => \(request.body),", "]]));"]
        lines.append(request.takes.map { "$\($0) = json_decode($answer, true)['\($0)'];" } ?? "echo $answer, \"\\n\";")
        return lines
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String { "<?php\n" + steps + "\n" }
}

/// Node.js 18 or later.
enum NodeSample: SampleWriter {
    static let name = "Node"
    static let plus = " + "
    static let indent = ""

    static func literal(_ text: String) -> String { quoted(text, "'") }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "const \(name) = \(expression);" }
    static func secret(_ variable: String) -> String { "process.env.\(variable)" }
    static let chinaTime =
        "new Date(Date.now() + 8 * 3600_000).toISOString().replace(/\\D/g, '').slice(4, 14)"
    static let milliseconds = "String(Date.now())"
    static func md5(_ expression: String) -> String { "createHash('md5').update(\(expression)).digest('hex')" }
    static func sm3(_ expression: String) -> String { "createHash('sm3').update(\(expression)).digest('hex')" }
    static func encoded(_ expression: String) -> String { "encodeURIComponent(\(expression))" }

    static func request(_ request: SampleRequest) -> [String] {
        let headers = request.headers.map { "'\($0.name)': \($0.value)" }.joined(separator: ", ")
        let name = request.takes == nil ? "answer" : "granted"
        var lines = ["", "const \(name) = await fetch(\(request.address), {", "  method: 'POST',"]
        lines += [
            "  headers: { \(headers) },", "  body: \(request.body),", "  signal: AbortSignal.timeout(10_000),", "});",
        ]
        lines.append(
            request.takes.map { "const \($0) = (await \(name).json()).\($0);" } ?? "console.log(await \(name).text());")
        return lines
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        let hashes = needs.contains(.md5) || needs.contains(.sm3)
        return (hashes ? "import { createHash } from 'node:crypto';\n\n" : "") + steps + "\n"
    }
}
