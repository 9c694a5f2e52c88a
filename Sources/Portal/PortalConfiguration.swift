public import Messaging

/// The settings of the pages.
public struct PortalConfiguration: Sendable {
    /// The names under which the pages may be asked for, in lower case and without ports; empty: any.
    public var hosts: [String] = []
    /// From where operators may log in and work.
    public var operatorNetworks: [IPNetwork] = PortalConfiguration.privateNetworks
    /// Whether the pages' listener speaks TLS itself.
    public var isSecure = false
    /// The folder of the state, in which the pages keep files.
    public var stateFolder: String
    /// The settings of the service as they are, for operators to look at; none of them is a secret.
    public var settings: [ShownSetting] = []

    /// Loopback and private addresses, of both families.
    public static let privateNetworks = [
        "127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10",
    ].compactMap { IPNetwork($0) }

    /// - Parameter stateFolder: the folder of the state, in which the pages keep files.
    public init(stateFolder: String) {
        self.stateFolder = stateFolder
    }
}

/// One setting of the service, as the pages show it.
public struct ShownSetting: Hashable, Sendable {
    /// Its key in the file: `http.idle_timeout`.
    public var name: String
    /// As the file has it.
    public var value: String
    /// Whether neither the file nor the environment says otherwise than the default.
    public var isDefault: Bool
    /// One or more sentences.
    public var help: String

    /// Takes the words as they are.
    public init(name: String, value: String, isDefault: Bool, help: String) {
        (self.name, self.value, self.isDefault, self.help) = (name, value, isDefault, help)
    }
}
