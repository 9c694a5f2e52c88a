internal import ArgumentParser
import Messaging

/// `http://HOST[:PORT]`, optionally followed by a slash.
struct URLArgument: ExpressibleByArgument {
    let host: String
    let port: Int

    init?(argument: String) {
        guard let address = try? WebAddress(argument), !address.isSecure, ["", "/"].contains(address.target) else {
            return nil
        }
        host = address.host
        port = address.port
    }
}
