extension AdminClient {
    /// Every template of an account, by id, page after page.
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
