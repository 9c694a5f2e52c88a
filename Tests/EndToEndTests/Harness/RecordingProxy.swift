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

    /// How often each 11-digit number went to the carrier.
    func submissions() -> [String: Int] {
        var counts: [String: Int] = [:]
        for stream in streams.withLock({ $0 }) {
            for digits in stream.split(whereSeparator: { !(0x30...0x39).contains($0) })
            where digits.count == 11 && digits.first == 0x31 {
                counts[String(decoding: digits, as: UTF8.self), default: 0] += 1
            }
        }
        return counts
    }
}
