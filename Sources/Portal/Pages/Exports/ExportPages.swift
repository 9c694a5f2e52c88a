import Engine
import Messaging
import Sheets

/// Begins exports: tasks that write what a filter finds into a file, however much it is.
enum ExportPages {
    typealias Kind = ExportKind

    /// The longest text that an export keeps of its filter, in bytes.
    private static let queryBytesMax = 8192

    /// - Parameters:
    ///   - fields: of the filter.
    ///   - format: `csv` or `xlsx`.
    ///   - title: what the file is named after.
    static func start(
        _ page: PageContext, _ kind: Kind, _ fields: [(String, String)], format: String, title: String
    ) async throws -> PortalResponse {
        guard let format = SheetFormat(rawValue: format) else { throw PageFailure.badRequest }
        let login = try page.login()
        let ours = [("lang", page.l.rawValue), ("full", page.has(.fullNumbers) ? "1" : "")]
        let query = FormFields.query(ours + fields)
        guard query.utf8.count <= queryBytesMax else { throw PageFailure.badRequest }
        let day = Format.day(page.now.chinaDay)
        _ = try await page.engine.taskRunner.addExport(
            ExportParameters(table: kind.rawValue, format: format, query: query), of: login.account?.key,
            user: login.user.name, fileName: "\(title) \(day).\(format.rawValue)")
        return .redirect("tasks", notice: Notice(kind: .started))
    }
}

/// Makes the tables of exports of one kind, also when an export begins anew after a restart.
struct RecordExportMaker: ExportMaker {
    let engine: Engine
    let kind: ExportKind

    /// Reads what the account of the task may read, as it is when the task runs.
    func table(_ query: String, for task: TaskRecord) async throws -> ExportTable {
        let fields = FormFields(encoded: query.utf8)
        let scope = task.account.map { AccountScope(engine.accounts.directory.scope(of: $0)) } ?? .everything
        let language = Language(rawValue: fields["lang"]) ?? .chinese
        // Days that the filter does not name are those of when it was asked for.
        let making = ExportMaking(
            engine: engine, scope: scope, language: language, hasFullNumbers: fields["full"] == "1",
            now: task.createdAt)
        let content = try await making.content(kind, fields)
        return ExportTable(header: content.header, title: kind.title(language)) {
            try await content.next()?.map { row in row.map { SheetValue($0) } }
        }
    }
}

extension SheetValue {
    init(_ cell: ExportCell) {
        switch cell {
        case .text(let text): self = text.isEmpty ? .empty : .text(text)
        case .integer(let number): self = .integer(number)
        case .money(let money): self = .money(money)
        }
    }
}

extension Portal {
    /// Has the engine's tasks make the tables that the pages export; until then such tasks wait.
    public func registerExports() async {
        for kind in ExportKind.allCases {
            await engine.taskRunner.register(RecordExportMaker(engine: engine, kind: kind), for: kind.rawValue)
        }
    }
}
