import Foundation

/// What a command of the program printed and returned.
struct CommandResult: Sendable {
    var exitCode: Int32
    var output: String
    var errorOutput: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The output as a JSON object.
    func json() throws -> [String: Any] {
        guard exitCode == 0,
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        else { throw Failure(description: "exit code \(exitCode): \(output)\(errorOutput)") }
        return object
    }
}

/// Runs `yizhan` with these arguments to its end.
func yizhan(_ arguments: [String], environment: [String: String] = [:]) async throws -> CommandResult {
    let directory = try TemporaryDirectory()
    let process = try ChildProcess(arguments, name: "command", in: directory, environment: environment)
    let exitCode = try await process.waitForExit(within: .seconds(120))
    return CommandResult(exitCode: exitCode, output: process.output, errorOutput: process.errorOutput)
}
