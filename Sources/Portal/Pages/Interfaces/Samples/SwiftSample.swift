/// Swift 6 with Foundation alone, on Linux too: a `main.swift`.
enum SwiftSample: SampleWriter {
    static let name = "Swift"
    static let plus = " + "
    static let indent = ""

    static func literal(_ text: String) -> String {
        text.contains("\"") || text.contains("\\") ? "#\"\(text)\"#" : "\"\(text)\""
    }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "let \(name) = \(expression)" }
    static func secret(_ variable: String) -> String {
        "ProcessInfo.processInfo.environment[\"\(variable)\"] ?? \"\""
    }
    static let chinaTime = "chinaTime()"
    static let milliseconds = "String(Int(Date().timeIntervalSince1970 * 1000))"
    static func md5(_ expression: String) -> String { "md5(\(expression))" }
    static func sm3(_ expression: String) -> String { "sm3(\(expression))" }
    static func encoded(_ expression: String) -> String { "encoded(\(expression))" }

    static func request(_ request: SampleRequest) -> [String] {
        let headers = request.headers.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ")
        let post = "try await post(\n    \(request.address),\n    \(request.body),\n    [\(headers)])"
        guard let field = request.takes else { return ["print(String(decoding: \(post), as: UTF8.self))"] }
        return [
            "let granted = \(post)",
            "let fields = try JSONSerialization.jsonObject(with: granted) as? [String: Any]",
            "let \(field) = fields?[\"\(field)\"] as? String ?? \"\"",
        ]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        var helpers = [post]
        if needs.contains(.time) { helpers.append(time) }
        if needs.contains(.encoding) { helpers.append(encoding) }
        if needs.contains(.md5) { helpers.append(md5) }
        if needs.contains(.sm3) { helpers.append(SampleSM3.swift) }
        return """
            import Foundation
            #if canImport(FoundationNetworking)
            import FoundationNetworking
            #endif

            \(steps)

            \(helpers.joined(separator: "\n"))
            """
    }

    private static let post = """
        func post(_ address: String, _ body: String, _ headers: [String: String]) async throws -> Data {
            guard let url = URL(string: address) else { throw URLError(.badURL) }
            var request = URLRequest(url: url, timeoutInterval: 10)
            request.httpMethod = "POST"
            request.httpBody = Data(body.utf8)
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            return try await URLSession.shared.data(for: request).0
        }

        """

    private static let time = """
        func chinaTime() -> String {
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
            format.dateFormat = "MMddHHmmss"
            return format.string(from: Date())
        }

        """

    private static let encoding = """
        func encoded(_ text: String) -> String {
            let plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
            return text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: plain)) ?? ""
        }

        """

    private static let md5 = """
        func md5(_ text: String) -> String {
            var message = Array(text.utf8) + [0x80]
            while message.count % 64 != 56 { message.append(0) }
            withUnsafeBytes(of: UInt64(text.utf8.count * 8).littleEndian) { message += $0 }
            let turns: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
            var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
            for start in stride(from: 0, to: message.count, by: 64) {
                let words = (0..<16).map { word in
                    (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(message[start + word * 4 + $1]) }
                }
                var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                for step in 0..<64 {
                    let mixed: UInt32, word: Int
                    switch step / 16 {
                    case 0: (mixed, word) = (b & c | ~b & d, step)
                    case 1: (mixed, word) = (d & b | ~d & c, (5 * step + 1) % 16)
                    case 2: (mixed, word) = (b ^ c ^ d, (3 * step + 5) % 16)
                    default: (mixed, word) = (c ^ (b | ~d), 7 * step % 16)
                    }
                    let sum = a &+ mixed &+ UInt32(abs(sin(Double(step + 1))) * 4_294_967_296) &+ words[word]
                    let turn = turns[step / 16][step % 4]
                    (a, d, c, b) = (d, c, b, b &+ (sum << turn | sum >> (32 - turn)))
                }
                state = zip(state, [a, b, c, d]).map { $0 &+ $1 }
            }
            return state.map { word in
                (0..<4).map { String(format: "%02x", Int(word >> (8 * UInt32($0)) & 255)) }.joined()
            }.joined()
        }

        """
}
