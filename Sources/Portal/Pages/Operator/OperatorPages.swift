/// All that operators work with beside records and users.
enum OperatorPages {
    static let routes: [PageRoute] = [
        ToDoPages.routes, CustomerPages.routes, ChannelPages.routes, RoutingPages.routes, TemplatePages.routes,
        UncertainPages.routes, InboundPages.routes, FinancePages.routes, SettingsPages.routes,
    ].flatMap(\.self)
}
