/// Go, without further packages.
enum GoSample: SampleWriter {
    static let name = "Go"
    static let plus = " + "
    static let indent = "\t"

    static func literal(_ text: String) -> String { text.contains("\"") ? "`\(text)`" : quoted(text) }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "\(name) := \(expression)" }
    static func secret(_ variable: String) -> String { "os.Getenv(\"\(variable)\")" }
    static let chinaTime = "time.Now().In(time.FixedZone(\"China\", 8*3600)).Format(\"0102150405\")"
    static let milliseconds = "fmt.Sprint(time.Now().UnixMilli())"
    static func md5(_ expression: String) -> String { "fmt.Sprintf(\"%x\", md5.Sum([]byte(\(expression))))" }
    static func sm3(_ expression: String) -> String { "sm3(\(expression))" }
    static func encoded(_ expression: String) -> String { "url.QueryEscape(\(expression))" }

    static func request(_ request: SampleRequest) -> [String] {
        var lines = ["\(request.takes == nil ? "answer" : "granted") := post(\(request.address), \(request.body), "]
        lines[0] += "map[string]string{"
        lines += request.headers.map { "\t\"\($0.name)\": \($0.value)," } + ["})"]
        guard let field = request.takes else { return lines + ["fmt.Println(answer)"] }
        return lines + [
            "fields := map[string]any{}", "json.Unmarshal([]byte(granted), &fields)",
            "\(field), _ := fields[\"\(field)\"].(string)",
        ]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        var imports = ["fmt", "io", "net/http", "os", "strings", "time"]
        if needs.contains(.md5) { imports.append("crypto/md5") }
        if needs.contains(.sm3) { imports += ["encoding/binary", "math/bits"] }
        if needs.contains(.json) { imports.append("encoding/json") }
        if needs.contains(.encoding) { imports.append("net/url") }
        let list = imports.sorted().map { "\t\"\($0)\"" }.joined(separator: "\n")
        return """
            package main

            import (
            \(list)
            )

            func main() {
            \(steps)
            }

            \(post)\(needs.contains(.sm3) ? "\n" + SampleSM3.go : "")
            """
    }

    private static let post = """
        func post(address, body string, headers map[string]string) string {
        \trequest, err := http.NewRequest("POST", address, strings.NewReader(body))
        \tif err != nil {
        \t\tpanic(err)
        \t}
        \tfor name, value := range headers {
        \t\trequest.Header.Set(name, value)
        \t}
        \tanswer, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
        \tif err != nil {
        \t\tpanic(err)
        \t}
        \tdefer answer.Body.Close()
        \ttext, err := io.ReadAll(answer.Body)
        \tif err != nil {
        \t\tpanic(err)
        \t}
        \treturn string(text)
        }

        """
}

/// Java 11 or later, without further packages: `java Sample.java`.
enum JavaSample: SampleWriter {
    static let name = "Java"
    static let plus = " + "
    static let indent = "        "

    static func literal(_ text: String) -> String { quoted(text) }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "var \(name) = \(expression);" }
    static func secret(_ variable: String) -> String { "System.getenv(\"\(variable)\")" }
    static let chinaTime =
        "ZonedDateTime.now(ZoneOffset.ofHours(8)).format(DateTimeFormatter.ofPattern(\"MMddHHmmss\"))"
    static let milliseconds = "String.valueOf(System.currentTimeMillis())"
    static func md5(_ expression: String) -> String { "md5(\(expression))" }
    static func sm3(_ expression: String) -> String { "sm3(\(expression))" }
    static func encoded(_ expression: String) -> String { "URLEncoder.encode(\(expression), UTF_8)" }

    static func request(_ request: SampleRequest) -> [String] {
        let headers = request.headers.map { "\"\($0.name)\", \($0.value)" }.joined(separator: ",\n            ")
        let post = "post(\(request.address),\n            \(request.body),\n            \(headers))"
        guard let field = request.takes else { return ["System.out.println(\(post));"] }
        return [
            "var granted = \(post);",
            "var \(field) = granted.replaceAll(\"(?s).*\\\"\(field)\\\" *: *\\\"([^\\\"]*)\\\".*\", \"$1\");",
        ]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        let md5 = needs.contains(.md5) ? self.md5 : ""
        let sm3 = needs.contains(.sm3) ? "\n" + SampleSM3.java : ""
        return """
            import java.math.BigInteger;
            import java.net.URI;
            import java.net.URLEncoder;
            import java.net.http.*;
            import java.nio.ByteBuffer;
            import java.security.MessageDigest;
            import java.time.*;
            import java.time.format.DateTimeFormatter;
            import static java.nio.charset.StandardCharsets.UTF_8;

            public class Sample {
                public static void main(String[] arguments) throws Exception {
            \(steps)
                }

                static String post(String address, String body, String... headers) throws Exception {
                    var request = HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(10))
                        .headers(headers).POST(HttpRequest.BodyPublishers.ofString(body)).build();
                    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
                }
            \(md5)\(sm3)}

            """
    }

    private static let md5 = """

            static String md5(String text) throws Exception {
                var digest = MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
                return String.format("%032x", new BigInteger(1, digest));
            }

        """
}

/// C#, without further packages.
enum CSharpSample: SampleWriter {
    static let name = "C#"
    static let plus = " + "
    static let indent = "        "

    static func literal(_ text: String) -> String { quoted(text) }
    static func variable(_ name: String) -> String { name }
    static func define(_ name: String, _ expression: String) -> String { "var \(name) = \(expression);" }
    static func secret(_ variable: String) -> String { "Environment.GetEnvironmentVariable(\"\(variable)\")" }
    static let chinaTime = "DateTime.UtcNow.AddHours(8).ToString(\"MMddHHmmss\")"
    static let milliseconds = "DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString()"
    static func md5(_ expression: String) -> String { "Md5(\(expression))" }
    static func sm3(_ expression: String) -> String { "Sm3(\(expression))" }
    static func encoded(_ expression: String) -> String { "Uri.EscapeDataString(\(expression))" }

    static func request(_ request: SampleRequest) -> [String] {
        var lines = ["var \(request.takes == nil ? "answer" : "granted") = await Post(\(request.address),"]
        lines += ["    \(request.body),", "    new Dictionary<string, string> {"]
        lines += request.headers.map { "        { \"\($0.name)\", \($0.value) }," } + ["    });"]
        guard let field = request.takes else { return lines + ["Console.WriteLine(answer);"] }
        return lines + [
            "var \(field) = Regex.Match(granted, \"\\\"\(field)\\\" *: *\\\"([^\\\"]*)\\\"\").Groups[1].Value;"
        ]
    }

    static func whole(_ steps: String, _ needs: Set<SampleNeed>) -> String {
        let md5 = needs.contains(.md5) ? self.md5 : ""
        let sm3 = needs.contains(.sm3) ? "\n" + SampleSM3.cSharp : ""
        return """
            using System;
            using System.Collections.Generic;
            using System.Linq;
            using System.Net.Http;
            using System.Net.Http.Headers;
            using System.Security.Cryptography;
            using System.Text;
            using System.Text.RegularExpressions;
            using System.Threading.Tasks;

            class Sample
            {
                static void Main() { Run().GetAwaiter().GetResult(); }

                static async Task Run()
                {
            \(steps)
                }

                static async Task<string> Post(string address, string body, Dictionary<string, string> headers)
                {
                    var request = new HttpRequestMessage(HttpMethod.Post, address);
                    request.Content = new StringContent(body, Encoding.UTF8);
                    request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(headers["Content-Type"]);
                    foreach (var header in headers)
                        if (header.Key != "Content-Type")
                            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
                    using (var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) })
                        return await (await client.SendAsync(request)).Content.ReadAsStringAsync();
                }
            \(md5)\(sm3)}

            """
    }

    private static let md5 = """

            static string Md5(string text)
            {
                using (var md5 = MD5.Create())
                    return string.Concat(
                        md5.ComputeHash(Encoding.UTF8.GetBytes(text)).Select(part => part.ToString("x2")));
            }

        """
}
