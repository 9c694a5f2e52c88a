import Glibc

/// How many file descriptors the process needs at most. The listeners' limits leave enough for administration and the
/// database, which would otherwise fail with EMFILE when customers open too many connections.
struct DescriptorBudget {
    /// Connections of customers, including those that wait for their 503 to be read.
    var front: Int
    /// Connections of carriers that push.
    var callback: Int
    /// Connections of administrators.
    var admin: Int

    /// The least number kept for connections to carriers and for pushes to customers.
    static let outwardMin = 300
    /// The database and its readers, event loops, the listeners themselves, logs.
    static let ownMax = 100

    var total: Int { front + callback + admin + Self.outwardMin + Self.ownMax }

    /// A sentence for the operator when `limit` descriptors are too few; nil when they suffice.
    func refusal(limit: Int, _ settings: ServeSettings) -> String? {
        guard total > limit else { return nil }
        return """
            http.connections_max \(settings.connectionsMax) and callback.connections_max \
            \(settings.callbackConnectionsMax) need \(total) file descriptors, those for carriers, administration and \
            the database among them, but this process may have \(limit). Raise the limit (LimitNOFILE= of \
            yizhan.service, or ulimit -n), or lower the settings.
            """
    }

    /// Descriptors left for connections to carriers and for pushes.
    func outwardMax(limit: Int) -> Int { limit - front - callback - admin - Self.ownMax }

    /// Raises the soft limit of the process to its hard one.
    /// - Returns: how many descriptors it may have open from now on.
    static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
