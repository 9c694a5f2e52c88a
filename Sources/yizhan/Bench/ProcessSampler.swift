import AdminProtocol
import Glibc

/// Reads an appliance's counters again and again.
struct ProcessSampler {
    struct Sample: Sendable {
        /// Nanoseconds of the monotonic clock, when the answer had come.
        var at: UInt64
        /// Since the appliance's start.
        var accepted: UInt64
        var final: UInt64
        var residentBytes: UInt64
    }

    private let client: AdminClient
    private(set) var samples: [Sample] = []
    /// The most memory that the appliance had in any sample.
    private(set) var residentPeak: UInt64 = 0

    init(client: AdminClient) {
        self.client = client
    }

    @discardableResult
    mutating func take() throws(AdminClientError) -> Sample {
        guard case .status(let status) = try client.call(.statusShow(AdminStatusShow())) else {
            throw AdminClient.unexpected
        }
        let resident = status.rssBytes > 0 ? status.rssBytes : Self.residentBytes(ofProcess: status.pid)
        let sample = Sample(
            at: LoadLane.now(), accepted: status.sinceStart.acceptedMessages,
            final: status.sinceStart.finalMessages, residentBytes: resident)
        residentPeak = max(residentPeak, resident)
        samples.append(sample)
        return sample
    }

    /// Messages that became final per second between two moments, by the samples nearest to them; nil where the
    /// samples are too few.
    func finalRate(from start: UInt64, to end: UInt64) -> Double? {
        func nearest(_ moment: UInt64) -> Sample? {
            samples.min { left, right in
                max(left.at, moment) - min(left.at, moment) < max(right.at, moment) - min(right.at, moment)
            }
        }
        guard let first = nearest(start), let last = nearest(end), last.at > first.at else { return nil }
        return Double(last.final - first.final) / (Double(last.at - first.at) / 1e9)
    }

    /// VmRSS of a process of this machine; 0 when it cannot be read.
    private static func residentBytes(ofProcess pid: UInt32) -> UInt64 {
        guard let file = fopen("/proc/\(pid)/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = line.prefix { $0 != 0 }.split(separator: CChar(UInt8(ascii: " ")))
        guard fields.count > 1, let pages = UInt64(String(decoding: fields[1].map(UInt8.init), as: UTF8.self)) else {
            return 0
        }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
