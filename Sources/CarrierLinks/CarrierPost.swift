import AsyncHTTPClient
import Dialects
import Engine
import Glibc
import Messaging
import NIOCore
import NIOHTTP1
import NIOPosix

/// One POST to a carrier, and what can be said of it when it fails: whether the request may have left.
struct CarrierPost: Sendable {
    let client: HTTPClient
    let group: any EventLoopGroup
    let base: String
    /// Of one exchange, from connecting to the last byte of the answer, and of all exchanges of one call together.
    let timeout: TimeAmount
    let idleMax: TimeAmount

    /// A longer answer is cut off and counts as garbage.
    static let answerBytesMax = 8 << 20

    init(
        client: HTTPClient, group: any EventLoopGroup, url: String, timeout: TimeAmount,
        idleMax: TimeAmount = Exchange.idleMaxDefault
    ) throws(CarrierFailure) {
        let address = try WebAddress(ofCarrier: url).description
        self.client = client
        self.group = group
        self.base = address.hasSuffix("/") ? String(address.dropLast()) : address
        self.timeout = timeout
        self.idleMax = idleMax
    }

    /// When a call that begins now has to be over.
    func deadline() -> NIODeadline { .now() + timeout }

    /// The same as a lane counts it, in milliseconds.
    var durationMax: Int64 { max(1, timeout.nanoseconds / 1_000_000) }

    enum Failure: Error {
        /// The request certainly did not leave.
        case notSent(String)
        /// It may have.
        case uncertain(String)
        /// The carrier refused it before looking at it.
        case status(UInt)
    }

    /// - Parameter deadline: of the call that this is a part of; nil: it is the whole call.
    func send(_ encoded: EncodedRequest, by deadline: NIODeadline? = nil) async throws(Failure) -> [UInt8] {
        var request = HTTPClientRequest(url: base + encoded.path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: encoded.contentType)
        for field in encoded.headers { request.headers.add(name: field.name, value: field.value) }
        request.body = .bytes(ByteBuffer(bytes: encoded.body))
        do {
            let exchange = Exchange(
                deadline: deadline ?? self.deadline(), idleMax: idleMax, bytesMax: Self.answerBytesMax)
            let answer = try await exchange.run(request, with: client, on: group.any())
            guard answer.status == .ok else {
                // A client error is a refusal; after a server error the request may have been carried out.
                if (400..<500).contains(answer.status.code) { throw Failure.status(answer.status.code) }
                throw Failure.uncertain("HTTP status \(answer.status.code)")
            }
            return answer.body
        } catch let failure as Failure {
            throw failure
        } catch let error as HTTPClientError where Self.isBeforeSending(error) {
            throw .notSent("\(error)")
        } catch let error as NIOConnectionError {
            throw .notSent(Self.words(error))
        } catch let error as IOError where Self.isOfConnecting(error) {
            throw .notSent("cannot connect to \(base): \(error.description)")
        } catch  where Self.isOfHandshake(error) {
            throw .notSent("no TLS connection to \(base): \(error)")
        } catch {
            throw .uncertain("\(error)")
        }
    }

    /// Whether a system error came while connecting: an address needs no look-up, and then there is no
    /// `NIOConnectionError`. A host or network that cannot be reached can end an open connection, too, after the
    /// request left; only the name of the call tells the two apart.
    static func isOfConnecting(_ error: IOError) -> Bool {
        switch error.errnoCode {
        case ECONNREFUSED, EADDRNOTAVAIL: true
        default: ["connect(", "finishing a non-blocking connect"].contains { error.description.hasPrefix($0) }
        }
    }

    /// Whether TLS failed before there was a connection. Its library is not ours to import, so its names must do.
    static func isOfHandshake(_ error: any Error) -> Bool {
        let type = String(reflecting: type(of: error))
        guard type.hasPrefix("NIOSSL.") else { return false }
        return type.hasSuffix("NIOSSLExtraError") || "\(error)".hasPrefix("handshakeFailed")
    }

    /// Errors of a request that never got a connection.
    private static func isBeforeSending(_ error: HTTPClientError) -> Bool {
        [
            .connectTimeout, .getConnectionFromPoolTimeout, .alreadyShutdown, .invalidURL, .emptyHost, .emptyScheme,
            .tlsHandshakeTimeout,
        ].contains(error)
    }

    private static func words(_ error: NIOConnectionError) -> String {
        let causes = error.connectionErrors.map { "\($0.error)" }
        return "cannot connect to \(error.host):\(error.port): " + (causes.first ?? "host not found")
    }
}

extension WebAddress {
    /// - Throws: `CarrierFailure` when paths cannot be appended to it.
    init(ofCarrier url: String) throws(CarrierFailure) {
        do throws(WebAddress.Flaw) {
            try self.init(url)
        } catch {
            throw CarrierFailure(error.description)
        }
        guard query == nil else { throw CarrierFailure("'\(url)' has a query, and a path cannot be put behind it") }
    }
}
