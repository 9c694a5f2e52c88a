import Dialects
import Glibc
import Messaging
import Testing

@testable import Simulator

@Suite struct LogFileTests {
    private func withFile(_ body: (_ path: String) async throws -> Void) async throws {
        var template = Array("/tmp/yizhan-simulator-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let path = folder + "/lines.csv"
        defer {
            unlink(path)
            rmdir(folder)
        }
        try await body(path)
    }

    private func text(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test func `the file has a line for every message, refused or not, and at once`() async throws {
        try await withFile { path in
            try await CarrierHarness.with(settings { $0.logPath = path }) { harness in
                let firstID = try await harness.send("13800138000", customID: "a").firstID
                _ = try await harness.send("13800130004", customID: "b")
                _ = try await harness.call(.singleSend(CarrierHarness.part(["13800130005"], customID: "c")))
                #expect(
                    try text(path)
                        == "a,13800138000,\(firstID),accepted,answered\nb,13800130004,0,refused,answered\n"
                        + "c,13800130005,\(firstID + 1),accepted,lost\n")
            }
        }
    }

    @Test func `what is handed out has a line for every segment and reply, in order`() async throws {
        try await withFile { path in
            try await CarrierHarness.with(settings { $0.handOutLogPath = path }) { harness in
                let long = String(repeating: "长", count: 100)
                let answer = try await harness.send(
                    .batchSend(CarrierHarness.part(["13800130008", "13800130001", "12"], content: long)))
                harness.time.pass(milliseconds: 200)
                _ = try await harness.reports()
                _ = try await harness.replies()
                let first = answer.firstID
                let stride = MessageID.segmentStride
                #expect(
                    try text(path) == """
                        report,\(first),13800130008,DELIVRD,1,1
                        report,\(first + stride),13800130008,DELIVRD,2,1
                        report,\(first + 1),13800130001,MK:0001,3,1
                        report,\(first + 1 + stride),13800130001,MK:0001,4,1
                        report,\(first + 2),12,UNDELIV,5,1
                        report,\(first + 2 + stride),12,UNDELIV,6,1
                        reply,\(first + 3),13800130008,,7,7

                        """)
            }
        }
    }

    @Test func `a file that cannot be opened is said at the start`() async throws {
        await #expect(throws: LogFile.Failure.self) {
            try await CarrierHarness.with(settings { $0.logPath = "/nonexistent/folder/file" }) { _ in }
        }
    }
}
