extension AdminClient {
    /// Every account, by id, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allAccounts() throws(AdminClientError) -> [AdminAccount] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminAccountList()
            list.cursor = cursor
            guard case .accounts(let page) = try call(.accountList(list)) else { throw Self.unexpected }
            return (page.accounts, page.nextCursor)
        }
    }

    /// Every channel, by name, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allChannels() throws(AdminClientError) -> [AdminChannel] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminChannelList()
            list.cursor = cursor
            guard case .channels(let page) = try call(.channelList(list)) else { throw Self.unexpected }
            return (page.channels, page.nextCursor)
        }
    }

    /// A message with all of its timeline.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind.
    public func message(id: Int64) throws(AdminClientError) -> AdminMessageTimeline {
        var show = AdminMessageShow()
        show.msgid = id
        guard case .message(let message) = try call(.messageShow(show)) else { throw Self.unexpected }
        return message
    }

    /// Messages as `request` asks, at most `limit`; 0 for all.
    /// - Returns: them, and whether there may be more.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func messages(
        _ request: AdminMessageList, limit: UInt32
    ) throws(AdminClientError) -> ([AdminMessage], isCut: Bool) {
        try pages(limit: limit) { cursor, limit throws(AdminClientError) in
            var list = request
            list.cursor = cursor
            list.limit = limit
            guard case .messages(let page) = try call(.messageList(list)) else { throw Self.unexpected }
            return (page.messages, page.nextCursor)
        }
    }

    /// Refused requests as `request` asks, at most `limit`; 0 for all.
    /// - Returns: them, and whether there may be more.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func refusals(
        _ request: AdminRefusalList, limit: UInt32
    ) throws(AdminClientError) -> ([AdminRefusal], isCut: Bool) {
        try pages(limit: limit) { cursor, limit throws(AdminClientError) in
            var list = request
            list.cursor = cursor
            list.limit = limit
            guard case .refusals(let page) = try call(.refusalList(list)) else { throw Self.unexpected }
            return (page.refusals, page.nextCursor)
        }
    }

    /// Users, by name; of one account, or all if it is empty.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allUsers(of account: String) throws(AdminClientError) -> [AdminUser] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminUserList()
            list.account = account
            list.cursor = cursor
            guard case .users(let page) = try call(.userList(list)) else { throw Self.unexpected }
            return (page.users, page.nextCursor)
        }
    }

    /// Entries of the audit trail as `request` asks, at most `limit`; 0 for all.
    /// - Returns: them, and whether there may be more.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func audit(
        _ request: AdminAuditList, limit: UInt32
    ) throws(AdminClientError) -> ([AdminAuditEntry], isCut: Bool) {
        try pages(limit: limit) { cursor, limit throws(AdminClientError) in
            var list = request
            list.cursor = cursor
            list.limit = limit
            guard case .audit(let page) = try call(.auditList(list)) else { throw Self.unexpected }
            return (page.entries, page.nextCursor)
        }
    }

    /// Parked items as `request` asks, at most `limit`; 0 for all.
    /// - Returns: them, and whether there may be more.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func inboundItems(
        _ request: AdminInboundList, limit: UInt32
    ) throws(AdminClientError) -> ([AdminInboundItem], isCut: Bool) {
        try pages(limit: limit) { cursor, limit throws(AdminClientError) in
            var list = request
            list.cursor = cursor
            list.limit = limit
            guard case .inboundItems(let page) = try call(.inboundList(list)) else { throw Self.unexpected }
            return (page.items, page.nextCursor)
        }
    }

    /// A parked item; a body with all of its bytes.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or a body does not
    ///   advance.
    public func inboundItem(_ id: String) throws(AdminClientError) -> AdminInboundItem {
        var show = AdminInboundShow()
        show.id = id
        guard case .inboundItem(var item) = try call(.inboundShow(show)) else { throw Self.unexpected }
        while item.body.count < item.bodyBytes {
            show.offset = UInt64(item.body.count)
            guard case .inboundItem(let piece) = try call(.inboundShow(show)) else { throw Self.unexpected }
            if piece.body.isEmpty { throw .protocolViolation(reason: "a body does not advance") }
            item.body += piece.body
        }
        return item
    }

    /// Lanes of pushes, by account; of one account, or of all if it is empty.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func pushLanes(of account: String) throws(AdminClientError) -> [AdminPushLane] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminPushList()
            list.account = account
            list.cursor = cursor
            guard case .pushLanes(let page) = try call(.pushList(list)) else { throw Self.unexpected }
            return (page.lanes, page.nextCursor)
        }
    }

    /// The answer is of another kind than the request asks for.
    public static var unexpected: AdminClientError {
        .protocolViolation(reason: "the answer is of another kind than the request asks for")
    }

    private func pages<Item>(
        limit: UInt32, _ page: (_ cursor: String, _ limit: UInt32) throws(AdminClientError) -> ([Item], next: String)
    ) throws(AdminClientError) -> ([Item], isCut: Bool) {
        var all: [Item] = []
        var cursor = ""
        while true {
            let room = limit == 0 ? 0 : limit - UInt32(all.count)
            let (items, next) = try page(cursor, room)
            all += items
            if next.isEmpty { return (all, false) }
            if limit > 0, all.count >= limit { return (all, true) }
            guard next != cursor else { throw .protocolViolation(reason: "the list does not advance") }
            cursor = next
        }
    }

    func allPages<Item>(
        _ page: (_ cursor: String) throws(AdminClientError) -> ([Item], next: String)
    ) throws(AdminClientError) -> [Item] {
        var all: [Item] = []
        var cursor = ""
        while true {
            let (items, next) = try page(cursor)
            all += items
            if next.isEmpty { return all }
            // A cursor that does not move would go on for ever.
            guard next != cursor else { throw .protocolViolation(reason: "the list does not advance") }
            cursor = next
        }
    }

    /// Every route, by name, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allRoutes() throws(AdminClientError) -> [AdminRoute] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminRouteList()
            list.cursor = cursor
            guard case .routes(let page) = try call(.routeList(list)) else { throw Self.unexpected }
            return (page.routes, page.nextCursor)
        }
    }

    /// Every ported number, in order, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allPorted() throws(AdminClientError) -> [AdminPortedNumber] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminPortedList()
            list.cursor = cursor
            guard case .ported(let page) = try call(.portedList(list)) else { throw Self.unexpected }
            return (page.numbers, page.nextCursor)
        }
    }

    /// Every template of an account, by id, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func allTemplates(of account: String) throws(AdminClientError) -> [AdminTemplate] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminTemplateList()
            list.account = account
            list.cursor = cursor
            guard case .templates(let page) = try call(.templateList(list)) else { throw Self.unexpected }
            return (page.templates, page.nextCursor)
        }
    }

    /// Every number of an account's blacklist, in order, page after page.
    /// - Throws: as `call(_:timeout:)`; also `protocolViolation` when the result is of another kind, or the cursor does
    ///   not advance.
    public func wholeBlacklist(of account: String) throws(AdminClientError) -> [AdminBlacklistNumber] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminBlacklistList()
            list.account = account
            list.cursor = cursor
            guard case .blacklist(let page) = try call(.blacklistList(list)) else { throw Self.unexpected }
            return (page.numbers, page.nextCursor)
        }
    }
}
