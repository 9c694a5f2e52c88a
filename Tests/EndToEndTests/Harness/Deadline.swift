import Foundation

/// What a test waited for did not come.
struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until `probe` gives a value; throws `TimedOut` after `limit`.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(120), every pause: Duration = .milliseconds(20),
    _ probe: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await probe() { return value }
        guard ContinuousClock.now < deadline else {
            throw TimedOut(description: "\(what): not within \(limit)")
        }
        try await Task.sleep(for: pause)
    }
}

/// As above, for a condition.
func eventually(
    _ what: String, within limit: Duration = .seconds(120), until condition: () async throws -> Bool
) async throws {
    _ = try await eventually(what, within: limit) { try await condition() ? true : nil }
}
