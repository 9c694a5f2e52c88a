extension AdminClient {
    /// Every account, by id, page after page.
    public func allAccounts() throws(AdminClientError) -> [AdminAccount] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminAccountList()
            list.cursor = cursor
            guard case .accounts(let page) = try call(.accountList(list)) else { throw Self.unexpected }
            return (page.accounts, page.nextCursor)
        }
    }

    /// Every channel, by name, page after page.
    public func allChannels() throws(AdminClientError) -> [AdminChannel] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminChannelList()
            list.cursor = cursor
            guard case .channels(let page) = try call(.channelList(list)) else { throw Self.unexpected }
            return (page.channels, page.nextCursor)
        }
    }

    /// A message with all of its timeline.
    public func message(id: Int64) throws(AdminClientError) -> AdminMessageTimeline {
        var head: AdminMessageTimeline?
        let events = try allPages { cursor throws(AdminClientError) in
            var show = AdminMessageShow()
            show.msgid = id
            show.cursor = cursor
            guard case .message(let page) = try call(.messageShow(show)) else { throw Self.unexpected }
            head = head ?? page
            return (page.events, page.nextCursor)
        }
        guard var message = head else { throw Self.unexpected }
        message.events = events
        message.nextCursor = ""
        return message
    }

    /// The answer is of another kind than the request asks for.
    public static var unexpected: AdminClientError {
        .protocolViolation(reason: "the answer is of another kind than the request asks for")
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
}
