import Administration
import Messaging
import Testing

@testable import Portal

/// Fields that are made from the tables of settings.
@Suite struct SettingFormTests {
    private static func form(_ fields: [(String, String)]) -> FormFields {
        var form = FormFields()
        form.append("_", "1")
        for (name, value) in fields { form.append(name, value) }
        return form
    }

    private static func account(_ keys: [String], _ unit: ChargeUnit = .money) -> SettingForm {
        SettingForm(.chinese, AccountSettings.table.options, only: keys, unit: unit)
    }

    @Test func `every setting of an account, channel, route and rule has words of its own in Chinese`() {
        let options =
            AccountSettings.table.options + ChannelSettings.table.options + RouteSettings.table.options
            + RuleSettings.table.options
        for option in options where option.kind.shape != .permission {
            let words = SettingWords.of(option)
            #expect(words.chineseHint != option.help, "\(option.key) has no words")
            for choice in option.kind.choices where option.key != "push_dialect" && option.key != "dialect" {
                let said = SettingWords.choice(choice, .chinese)
                #expect(said != choice || ["json"].contains(choice), "\(option.key) \(choice)")
            }
        }
    }

    @Test func `what is typed becomes the settings that differ, in their units`() {
        let settings = Self.account([
            "name", "price_micro", "credit_units", "connection_limit", "allow_ip", "share_balance",
        ])
        let current = [
            Setting("name", .text("甲")), Setting("price_micro", .integer(29_000)),
            Setting("credit_units", .integer(0)), Setting("connection_limit", .integer(100)),
            Setting("allow_ip", .list([])), Setting("share_balance", .flag(true)),
        ]
        let (given, errors) = settings.settings(
            Self.form([
                ("name", "甲"), ("price_micro", "0.03"), ("credit_units", "12.5"), ("connection_limit", "100"),
                ("allow_ip", "10.0.0.0/8\n 192.0.2.1，192.0.2.2"),
            ]), current: current)
        #expect(errors.isEmpty)
        #expect(
            given == [
                Setting("price_micro", .integer(30_000)), Setting("credit_units", .integer(12_500_000)),
                Setting("allow_ip", .list(["10.0.0.0/8", "192.0.2.1", "192.0.2.2"])),
                Setting("share_balance", .flag(false)),
            ])
    }

    @Test func `what was shown and sent back unchanged changes nothing`() {
        let keys = AccountSettings.table.options.filter { $0.kind.shape != .permission && $0.kind.shape != .secret }
            .map(\.key)
        for unit in ChargeUnit.allCases {
            let settings = Self.account(keys, unit)
            let current = [
                Setting("name", .text("甲")), Setting("price_micro", .integer(29_500)),
                Setting("payment", .text("postpaid")), Setting("charge_by", .text(unit.rawValue)),
                Setting("credit_units", .integer(7_000_001)), Setting("allow_plain_password", .flag(true)),
                Setting("allow_ip", .list(["10.0.0.0/8"])), Setting("extension", .text("12")),
                Setting("signature", .text("【甲】")), Setting("refund", .text("failed")),
                Setting("valid_for_seconds", .integer(7_200)), Setting("push_report", .text("https://example.com/")),
                Setting("push_reply", .text("")), Setting("push_dialect", .text("guodu")),
                Setting("push_format", .text("json")), Setting("allow_private_push", .flag(false)),
                Setting("connection_limit", .integer(10)), Setting("parent", .text("")),
                Setting("share_balance", .flag(false)), Setting("sub_price_floor", .flag(true)),
                Setting("spend_per_day_max_units", .integer(0)), Setting("alert_below_units", .integer(5)),
                Setting("alert_numbers", .list(["13800138000", "13900139000"])), Setting("alert_webhook", .text("")),
                Setting("alert_form", .text("wecom")), Setting("alert_repeat_seconds", .integer(5_401)),
                Setting("client_id", .text("c")), Setting("enterprise_id", .text("")), Setting("sp_code", .text("")),
                Setting("strict_serial", .flag(false)), Setting("no_data_code", .flag(true)),
                Setting("logins", .list(["operator-v2=J10003"])),
            ]
            #expect(Set(current.map(\.key)) == Set(keys))
            var form = settings.values(current)
            form.append("_", "1")
            let (given, errors) = settings.settings(form, current: current)
            #expect(given.isEmpty && errors.isEmpty, "\(given) \(errors.entries)")
        }
    }

    @Test(arguments: [
        ("price_micro", "-1"), ("price_micro", "0.0000001"), ("price_micro", "abc"), ("credit_units", "-5"),
        ("connection_limit", "0"), ("allow_ip", "10.0.0.0/8 not-an-address"), ("signature", "甲"),
        ("alert_webhook", "ftp://x"), ("alert_numbers", "12345"), ("alert_repeat_seconds", "5m"), ("payment", "later"),
    ])
    func `what a setting does not take is an error at its field`(_ key: String, _ text: String) {
        let (given, errors) = Self.account([key]).settings(Self.form([(key, text)]), current: [])
        #expect(given.isEmpty && errors[key] != nil)
    }

    @Test func `a secret is left as it is while its field is empty, and never shown`() {
        let settings = Self.account(["api_password"])
        #expect(settings.settings(Self.form([("api_password", "")]), current: []).settings.isEmpty)
        let (given, _) = settings.settings(Self.form([("api_password", " p ")]), current: [])
        #expect(given == [Setting("api_password", .text(" p "))])
        var typed = FormFields()
        typed.append("api_password", "hush")
        let html = settings.html(FormBuilder(.chinese, values: typed)).markup
        #expect(!html.contains("hush"))
    }

    @Test func `a form that is not whole changes nothing`() {
        let (given, errors) = Self.account(["share_balance"]).settings(FormFields(), current: [])
        #expect(given.isEmpty && !errors.isEmpty)
    }

    @Test func `a form that moves money is carried out once`() throws {
        let forms = OnceForms()
        let html = forms.html().markup
        let id = try #require(html.split(separator: "value=\"").last?.split(separator: "\"").first)
        var form = FormFields()
        form.append("once", String(id))
        #expect(forms.take(form) && !forms.take(form) && !forms.take(FormFields()))
    }
}
