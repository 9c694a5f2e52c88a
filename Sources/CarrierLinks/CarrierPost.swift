import AsyncHTTPClient
import Engine
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// One POST to a carrier, and what can be said of it when it fails: whether the request may have left.
struct CarrierPost: Sendable {
    let client: HTTPClient
    let base: String
    let timeout: TimeAmount

    /// A longer answer is cut off and counts as garbage.
    static let answerBytesMax = 8 << 20

    init(client: HTTPClient, url: String, timeout: TimeAmount) throws(CarrierFailure) {
        let trimmed = url.hasSuffix("/") ? String(url.dropLast()) : url
        guard trimmed.hasPrefix("http://") || trimmed.hasPrefix("https://"),
            (try? HTTPClient.Request(url: trimmed)) != nil
        else { throw CarrierFailure("\(url) is not an http or https URL") }
        self.client = client
        self.base = trimmed
        self.timeout = timeout
    }

    enum Failure: Error {
        /// The request certainly did not leave.
        case notSent(String)
        /// It may have.
        case uncertain(String)
        /// The carrier said no before looking at it.
        case status(UInt)
    }

    func send(
        path: String, contentType: String, headers: [(String, String)] = [], body: [UInt8]
    ) async throws(Failure) -> [UInt8] {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: contentType)
        request.headers.add(contentsOf: headers)
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, timeout: timeout)
            let answer = try await response.body.collect(upTo: Self.answerBytesMax)
            guard response.status == .ok else {
                // A client error is a refusal; behind a server error the request may have been carried out.
                if (400..<500).contains(response.status.code) { throw Failure.status(response.status.code) }
                throw Failure.uncertain("HTTP status \(response.status.code)")
            }
            return Array(buffer: answer)
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
    /// `NIOConnectionError`. A host or network that cannot be reached can end a connection that stands, too, after the
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
