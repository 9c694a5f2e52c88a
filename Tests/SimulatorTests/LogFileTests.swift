import Dialects
import Glibc
import Messaging
import Testing

@testable import Simulator

@Suite struct LogFileTests {
    @Test func `the file has a line for every message, refused or not`() async throws {
        var template = Array("/tmp/yizhan-simulator-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let path = folder + "/received.csv"
        defer {
            unlink(path)
            rmdir(folder)
        }
        var firstID: Int64 = 0
        try await CarrierHarness.with(settings { $0.logPath = path }) { harness in
            firstID = try await harness.send("13800138000", customID: "a").firstID
            _ = try await harness.send("13800130004", customID: "b")
            _ = try await harness.call(.singleSend(CarrierHarness.part(["13800130005"], customID: "c")))
        }
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        #expect(
            String(decoding: bytes.prefix(count), as: UTF8.self)
                == "a,13800138000,\(firstID),accepted\nb,13800130004,0,refused\nc,13800130005,\(firstID + 1),accepted\n"
        )
    }

    @Test func `a file that cannot be opened is said at the start`() async throws {
        await #expect(throws: LogFile.Failure.self) {
            try await CarrierHarness.with(settings { $0.logPath = "/nonexistent/folder/file" }) { _ in }
        }
    }
}
