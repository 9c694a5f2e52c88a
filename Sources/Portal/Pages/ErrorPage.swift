import NIOHTTP1

/// What is shown in the place of a page.
struct ErrorPage {
    let failure: PageFailure
    let visitor: Visitor

    private var l: Language { visitor.language }

    var status: HTTPResponseStatus {
        switch failure {
        case .notFound: .notFound
        case .forbidden: .forbidden
        case .unauthenticated: .unauthorized
        case .stale: .forbidden
        case .badRequest: .badRequest
        case .busy: .serviceUnavailable
        case .failed: .internalServerError
        }
    }

    var page: Page {
        let (title, words) = texts
        return Page(
            title: title, section: visitor.login == nil ? nil : .some(visitor.login?.account == nil ? .toDo : .home),
            body: """
                <section class="sheet"><p>\(words)</p><div class="actions"><a class="button" href="/portal/">\
                \(l("回到首页", "Back to the first page"))</a></div></section>
                """)
    }

    private var texts: (String, String) {
        switch failure {
        case .notFound:
            (
                l("没有这个页面", "There is no such page"),
                l("地址可能写错了，或者这条内容不属于您的账户。", "The address may be mistyped, or this belongs to another account.")
            )
        case .forbidden, .stale:
            (
                l("没有权限", "Not allowed"),
                l(
                    "您的用户没有这项权限，或不允许从这个地址操作。请联系账户的管理员。",
                    "Your user lacks this right, or may not work from this address. Ask the account's administrator.")
            )
        case .unauthenticated:
            (l("请先登录", "Please log in"), l("登录已过期，刚才的操作没有执行。", "The session has ended; nothing was done."))
        case .badRequest:
            (
                l("请求无法处理", "The request cannot be read"),
                l(
                    "表单不完整，或不是从本站提交的。没有执行任何操作。",
                    "The form is not complete, or was not sent from this site. Nothing was done.")
            )
        case .busy:
            (
                l("系统正忙", "Busy"),
                l(
                    "当前请求太多或数据库正忙，没有执行任何操作。请稍后再试。",
                    "Too much is asked for, or the database is busy. Nothing was done; try again in a moment.")
            )
        case .failed:
            (
                l("出错了", "Something failed"),
                l(
                    "页面没有完成，原因已记入系统日志。请联系运营人员。",
                    "The page was not finished; the reason is in the system's log. Ask the operator.")
            )
        }
    }
}
