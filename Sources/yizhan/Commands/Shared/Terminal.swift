import ArgumentParser
import Glibc

/// What people see.
enum Terminal {
    /// One sentence on stderr.
    static func complain(_ sentence: String) {
        _ = write(Array("yizhan: \(printable(sentence))\n".utf8), to: STDERR_FILENO)
    }

    /// Bytes on stdout, as they are.
    /// - Returns: false when it does not take them.
    static func write(_ bytes: [UInt8]) -> Bool { write(bytes, to: STDOUT_FILENO) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno != EINTR { return false }
            written += max(0, count)
        }
        return true
    }

    /// One line on stdout, at once, for the process that started this one.
    static func announce(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// A sentence on stderr, and the error that ends the command with exit code 1.
    static func failure(_ sentence: String) -> ExitCode {
        complain(sentence)
        return .failure
    }

    /// Asks a person; only yes means yes.
    static func ask(_ question: String) -> Bool {
        _ = write(Array("\(printable(question)) Type yes: ".utf8), to: STDERR_FILENO)
        return readLine(strippingNewline: true) == "yes"
    }

    /// A secret as an option was given it: `-` reads it from standard input, where `ps` does not show it.
    /// - Throws: `ValidationError` when standard input has no line.
    static func secret(_ text: String, option: String) throws -> String {
        guard text == "-" else { return text }
        guard let line = readSecret(prompt: "\(option): "), !line.isEmpty else {
            throw ValidationError("\(option) - needs a line on standard input.")
        }
        return line
    }

    /// A line of standard input. A person is asked for it, and does not see what is typed.
    private static func readSecret(prompt: String) -> String? {
        var before = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0 else {
            return readLine(strippingNewline: true)
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = write(Array(prompt.utf8), to: STDERR_FILENO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            _ = write(Array("\n".utf8), to: STDERR_FILENO)
        }
        return readLine(strippingNewline: true)
    }

    /// `text` with control characters made visible, so that nothing stored can drive a terminal.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(result)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Columns that `text` takes: Chinese characters and their punctuation take two.
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x300...0x36F, 0xFE00...0xFE0F: sum
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                sum + 2
            default: sum + 1
            }
        }
    }
}
