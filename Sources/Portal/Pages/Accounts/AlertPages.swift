import Administration
import Engine
import Messaging
import NIOHTTP1

/// When and to whom a customer's balance is reported as low.
enum AlertPages {
    static let routes: [PageRoute] = [
        .get("alerts", .customer(.manage)) { try await show($0) },
        .post("alerts", .customer(.manage)) { try await change($0) },
    ]

    private static let keys = [
        "alert_below_units", "alert_numbers", "alert_webhook", "alert_form", "alert_repeat_seconds",
    ]

    private static func settingForm(_ page: PageContext, _ unit: ChargeUnit) -> SettingForm {
        SettingForm(page.l, AccountSettings.table.options, only: keys, unit: unit)
    }

    private static func detail(_ page: PageContext) async throws -> AccountDetail {
        try await page.administration.account(page.account().account.id)
    }

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await detail(page)
        let values = settingForm(page, detail.chargeUnit).values(detail.settings)
        return .page(makePage(page, detail, values, FormErrors()))
    }

    private static func makePage(
        _ page: PageContext, _ detail: AccountDetail, _ values: FormFields, _ errors: FormErrors
    ) -> Page {
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let body: HTML = """
            \(form.summary)\(state(detail, page))<form class="sheet form" method="post" data-unsaved>\
            \(settingForm(page, detail.chargeUnit).html(form))<div class="actions"><button>\(l("保存", "Save"))</button>\
            </div></form>
            """
        return Page(
            title: l("余额预警", "Balance alert"), section: .users,
            lead:
                """
                \(l("余额低于预警线时通知下面的人，恢复后再通知一次。",
                    "The recipients below are told when the balance is low, and once more when it is not."))
                """,
            crumbs: [(l("用户管理", "Users"), "users")], body: body, hasErrors: !errors.isEmpty)
    }

    /// What came of the last notice.
    private static func state(_ detail: AccountDetail, _ page: PageContext) -> HTML? {
        guard let record = detail.alerts else { return nil }
        let l = page.l
        var notices: [HTML] = []
        if let since = record.state.lowSince {
            let words = l(
                "余额从 \(Format.time(since, now: page.now)) 起低于预警线。",
                "The balance is below since \(Format.time(since, now: page.now)).")
            notices.append("<div class=\"notice wait\"><p>\(words)</p></div>")
        }
        if let at = record.answeredAt {
            let words = l("上次通知 \(Format.time(at, now: page.now))：", "Last notice \(Format.time(at, now: page.now)): ")
            notices.append("<div class=\"notice\"><p>\(words)\(HTML.foreign(record.answer))</p></div>")
        }
        return notices.joined()
    }

    private static func change(_ page: PageContext) async throws -> PortalResponse {
        let detail = try await detail(page)
        let settings = settingForm(page, detail.chargeUnit)
        let (given, errors) = settings.settings(page.request.form, current: detail.settings)
        guard errors.isEmpty else {
            return .page(makePage(page, detail, page.request.form, errors), status: .badRequest)
        }
        do {
            if !given.isEmpty { _ = try await page.administration.setAlerts(of: detail.id, given) }
            return .redirect("alerts", notice: Notice(kind: .saved))
        } catch {
            let errors = try settings.errors(error, page)
            return .page(makePage(page, detail, page.request.form, errors), status: .badRequest)
        }
    }
}
