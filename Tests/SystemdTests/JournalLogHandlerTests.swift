import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct JournalLogHandlerTests {
    @Test func `a record is one line of message and sorted fields, quoted where they could be misread`() {
        let fields: Logger.Metadata = ["b": "two words", "a": "1", "c": "x=\"y\"", "d": "", "e": "plain"]
        #expect(
            JournalLogHandler.line(prefix: "<6>", message: "Channel is up", fields: fields)
                == "<6>Channel is up a=1 b=\"two words\" c=\"x=\\\"y\\\"\" d=\"\" e=plain\n")
    }

    @Test func `control characters cannot forge a record`() {
        #expect(
            JournalLogHandler.line(prefix: "info ", message: "a\n<0>b\u{1B}[2J", fields: ["k": "1\r\n2\0"])
                == "info a\\n<0>b\\x1b[2J k=1\\x0d\\n2\\x00\n")
    }

    @Test func `levels map to syslog priorities`() {
        #expect(Logger.Level.allCases.map(JournalLogHandler.priority) == [7, 7, 6, 5, 4, 3, 2])
    }

    @Test func `elsewhere than in the journal the level is spelled out, and metadata of all sources is merged`() {
        let text = captured { descriptor in
            var logger = Logger(label: "test") { _ in
                JournalLogHandler(
                    level: .info, descriptor: descriptor, metadataProvider: .init { ["p": "1", "q": "1", "r": "1"] })
            }
            logger[metadataKey: "q"] = "own"
            logger[metadataKey: "h"] = "handler"
            logger.debug("Too quiet to be heard")
            logger.warning("Carrier is slow", metadata: ["r": "event"])
        }
        #expect(text == "warning Carrier is slow h=handler p=1 q=1 r=event\n")
    }

    @Test func `in the journal the line begins with its priority`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let text = captured { descriptor in
                var status = stat()
                fstat(descriptor, &status)
                setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
                let handler = JournalLogHandler(level: .info, descriptor: descriptor)
                Logger(label: "test") { _ in handler }.error("Disk is full")
                setenv("JOURNAL_STREAM", "1:1", 1)
                let elsewhere = JournalLogHandler(level: .info, descriptor: descriptor)
                Logger(label: "test") { _ in elsewhere }.error("Disk is full")
            }
            require(text == "<3>Disk is full\nerror Disk is full\n", "the text is \(text)")
            exit(42)
        }
    }
}

/// What `body` wrote to the descriptor that it was given.
private func captured(_ body: (Int32) -> Void) -> String {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    body(ends[1])
    close(ends[1])
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &bytes, bytes.count)
    close(ends[0])
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
}
