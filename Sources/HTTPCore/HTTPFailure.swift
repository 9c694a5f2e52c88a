import NIOHTTP1

/// Why a request is not taken: it is answered with `status` and the connection is closed.
struct HTTPFailure: Error {
    let status: HTTPResponseStatus

    static let badRequest = HTTPFailure(status: .badRequest)
    static let notFound = HTTPFailure(status: .notFound)
    static let timedOut = HTTPFailure(status: .requestTimeout)
    static let bodyTooLarge = HTTPFailure(status: .payloadTooLarge)
    static let headTooLarge = HTTPFailure(status: .requestHeaderFieldsTooLarge)
    static let expectationFailed = HTTPFailure(status: .expectationFailed)
    static let notImplemented = HTTPFailure(status: .notImplemented)
    static let badVersion = HTTPFailure(status: .httpVersionNotSupported)
    static let overloaded = HTTPFailure(status: .serviceUnavailable)
}
