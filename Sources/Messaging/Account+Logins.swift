/// The names of an account: its id, and what its customer calls itself in each dialect.
extension Account {
    /// An id is 1 to 32 letters, digits, dots, underscores and hyphens.
    public static func isValidID(_ id: String) -> Bool {
        (1...32).contains(id.utf8.count) && id.utf8.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Whether a text can be a login in `dialect`: operator-v2 has six letters and digits at most, the others what an
    /// id may be.
    public static func isValidLogin(_ login: String, in dialect: DialectName) -> Bool {
        guard dialect == .operatorV2 else { return isValidID(login) }
        return (1...6).contains(login.utf8.count)
            && login.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            }
    }

    /// What the customer calls itself in `dialect`: its login there, else its id where that fits; nil where not.
    /// In operator-v2 it is in upper case.
    public func login(in dialect: DialectName) -> String? {
        let own = logins.isEmpty ? nil : logins[dialect]
        guard let login = own ?? (Self.isValidLogin(id, in: dialect) ? id : nil) else { return nil }
        return dialect == .operatorV2 ? Self.folded(login) : login
    }

    /// Whether `name` is what the customer calls itself in `dialect`, in any case.
    public func hasLogin(_ name: String, in dialect: DialectName) -> Bool {
        guard let login = login(in: dialect) else { return false }
        return login == name || Self.folded(login) == Self.folded(name)
    }

    /// A name as it is compared: in upper case.
    public static func folded(_ name: String) -> String {
        let isFolded = name.utf8.allSatisfy { $0 < 0x80 && !(0x61...0x7A).contains($0) }
        return isFolded ? name : name.uppercased()
    }
}
