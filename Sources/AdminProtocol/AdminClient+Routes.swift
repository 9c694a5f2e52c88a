extension AdminClient {
    /// Every route, by name, page after page.
    public func allRoutes() throws(AdminClientError) -> [AdminRoute] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminRouteList()
            list.cursor = cursor
            guard case .routes(let page) = try call(.routeList(list)) else { throw Self.unexpected }
            return (page.routes, page.nextCursor)
        }
    }

    /// Every ported number, in order, page after page.
    public func allPorted() throws(AdminClientError) -> [AdminPortedNumber] {
        try allPages { cursor throws(AdminClientError) in
            var list = AdminPortedList()
            list.cursor = cursor
            guard case .ported(let page) = try call(.portedList(list)) else { throw Self.unexpected }
            return (page.numbers, page.nextCursor)
        }
    }
}
