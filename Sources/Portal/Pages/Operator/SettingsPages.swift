import Messaging
import NIOHTTP1

/// The settings of the service as they are.
enum SettingsPages {
    static let routes: [PageRoute] = [
        .get("operator/settings", .operators(.view)) { .page(show($0)) }
    ]

    private static func show(_ page: PageContext) -> Page {
        let l = page.l
        // Groups in the order of the file: what is before the first dot.
        var groups: [(name: String, settings: [ShownSetting])] = []
        for setting in page.portal.configuration.settings {
            let name = setting.name.contains(".") ? String(setting.name.prefix { $0 != "." }) : ""
            if groups.last?.name == name {
                groups[groups.count - 1].settings.append(setting)
            } else {
                groups.append((name, [setting]))
            }
        }
        let sheets = groups.map { name, settings -> HTML in
            let title = name.isEmpty ? l("总的", "General") : name
            let table = Table(
                name: title,
                columns: [
                    .init(l("名称", "Name"), "nowrap"), .init(l("值", "Value")), .init(l("来自", "From"), "nowrap"),
                    .init(l("说明", "Meaning"), "grow"),
                ],
                rows: settings.map { setting in
                    [
                        "<code>\(setting.name)</code>", "<code>\(setting.value)</code>",
                        "\(setting.isDefault ? l("默认", "default") : l("设置", "set"))",
                        "<span lang=\"en\">\(setting.help)</span>",
                    ]
                })
            return "<section class=\"sheet\"><h2>\(title)</h2>\(table.html)</section>"
        }
        let empty: HTML? =
            groups.isEmpty
            ? "<section class=\"sheet\"><div class=\"empty\"><p class=\"title\">\(l("没有", "None"))</p></div></section>"
            : nil
        return Page(
            title: l("设置", "Settings"), section: .settings,
            lead:
                "\(l("现在起作用的值；在 yizhan.yaml 里改，重启后生效", "As they are; changed in yizhan.yaml, from the next start on"))",
            body: "\(sheets)\(empty)")
    }
}
