import AdminProtocol
import ArgumentParser
import Messaging
import Secrets

/// Of `account add` and `account set`: the account's names in the dialects, and how good its secrets must be.
struct AccountAccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            What the customer calls itself in a dialect instead of the account's id, as operator-v2=J10003; give it \
            again for more; nothing behind the sign: its id again.
            """, valueName: "dialect=login"))
    var login: [LoginArgument] = []

    @Flag(help: "Take a password, key or secret that is short or easy to guess.")
    var allowWeakPassword = false

    var isEmpty: Bool { login.isEmpty }

    func write(to settings: inout AdminAccountSettings) {
        for argument in login { settings.logins[argument.dialect.rawValue] = argument.login }
        settings.allowWeakPassword = allowWeakPassword
    }

    /// An interface password that nobody guesses.
    static func makePassword() throws -> String {
        // Of each byte a few values are passed over.
        guard let password = PasswordRule.make(from: try SecureRandom.bytes(PasswordRule.madeLength * 4)) else {
            throw ValidationError("No password could be made; give one with --api-password.")
        }
        return password
    }
}
