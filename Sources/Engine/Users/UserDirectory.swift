public import Messaging

/// The users as of the last change, for looking up without waiting.
public struct UserDirectory: Sendable {
    private let byKey: [UserKey: User]
    private let byName: [String: UserKey]

    init(_ users: some Sequence<User>) {
        var byKey: [UserKey: User] = [:]
        var byName: [String: UserKey] = [:]
        for user in users {
            byKey[user.id] = user
            byName[User.folded(user.name)] = user.id
        }
        (self.byKey, self.byName) = (byKey, byName)
    }

    /// By the store's number.
    public func user(_ key: UserKey) -> User? { byKey[key] }

    /// By name, in any case.
    public func user(named name: String) -> User? { byName[User.folded(name)].flatMap { byKey[$0] } }

    /// How many there are.
    public var count: Int { byKey.count }

    /// In order of their names, without regard to case.
    public func users(of home: User.Home? = nil) -> [User] {
        byKey.values.filter { home == nil || $0.home == home }.sorted { User.folded($0.name) < User.folded($1.name) }
    }
}
