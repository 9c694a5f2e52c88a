import ArgumentParser
import Glibc

/// A secret on the command line; `-` reads it from standard input, where `ps` does not show it.
struct SecretArgument: ExpressibleByArgument {
    private let text: String

    init?(argument: String) {
        text = argument
    }

    /// The secret itself; reads a line when it was given as `-`.
    func read(option: String) throws -> String {
        guard text == "-" else { return text }
        guard let line = Terminal.readSecret(prompt: "\(option): "), !line.isEmpty else {
            throw ValidationError("\(option) - needs a line on standard input.")
        }
        return line
    }
}
