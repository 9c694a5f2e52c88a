import Foundation
import Synchronization

/// Stands between the appliance and the carrier and keeps what the appliance sent: the carrier's own word of who was
/// submitted how often.
final class RecordingProxy: Sendable {
    let port: UInt16
    private let listener: Socket
    /// The carrier's port, once there is one.
    private let target = Mutex<UInt16?>(nil)
    /// One stream of bytes per connection.
    private let streams = Mutex<[[UInt8]]>([])

    init() throws {
        (listener, port) = try Socket.listening()
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accepted() {
                guard let self else { return }
                self.serve(client)
            }
        }
    }

    deinit { listener.shutdownBoth() }

    func forward(to port: UInt16) { target.withLock { $0 = port } }

    /// How often the appliance has connected.
    var connectionCount: Int { streams.withLock { $0.count } }

    private func serve(_ client: Socket) {
        guard let target = target.withLock({ $0 }),
            let carrier = try? Socket.connected(to: target, timeout: .seconds(600))
        else { return }
        let place = streams.withLock { streams in
            streams.append([])
            return streams.count - 1
        }
        Thread.detachNewThread { [weak self] in
            while let bytes = try? client.receive(), !bytes.isEmpty {
                self?.streams.withLock { $0[place] += bytes }
                guard (try? carrier.send(bytes)) != nil else { break }
            }
            carrier.shutdownWriting()
        }
        Thread.detachNewThread {
            while let bytes = try? carrier.receive(), !bytes.isEmpty {
                guard (try? client.send(bytes)) != nil else { break }
            }
            client.shutdownBoth()
        }
    }

    /// How often each number went to the carrier.
    func submissions() -> [String: Int] {
        var counts: [String: Int] = [:]
        for stream in streams.withLock({ $0 }) {
            for mobile in Self.mobiles(in: stream) { counts[mobile, default: 0] += 1 }
        }
        return counts
    }

    /// How often these bytes went to the carrier.
    func count(of text: String) -> Int {
        streams.withLock { $0 }.reduce(0) { count, stream in
            count + String(decoding: stream, as: UTF8.self).components(separatedBy: text).count - 1
        }
    }

    /// The numbers in the fields `mobile` of dialect 002's JSON, and nothing else that looks like one: a digest or a
    /// length may.
    static func mobiles(in stream: [UInt8]) -> [String] {
        let fields = String(decoding: stream, as: UTF8.self).components(separatedBy: "\"mobile\":\"").dropFirst()
        return fields.flatMap { field in
            field.prefix { $0 != "\"" }.split(separator: ",").map(String.init)
        }
    }
}
