import Messaging
import Sheets

/// What recipients of a batch get: the text of each, and whether it may be sent. Pricing and sending use the same one,
/// so that what is sent is what was priced.
struct BatchTexts: Sendable {
    let text: RowText
    let account: Account
    let templateID: String

    /// - Parameters:
    ///   - names: of the columns.
    ///   - hasColumns: false where numbers were typed.
    /// - Throws: a name in braces that is no column.
    init(
        _ parameters: BatchParameters, names: [String], hasColumns: Bool, account: Account
    ) throws(RowText.UnknownColumn) {
        text = try RowText(parameters.content, names: names, hasColumns: hasColumns)
        templateID = parameters.templateID
        self.account = account
    }

    /// A row's text and its segments with the signature, or why it cannot be sent.
    func judge(_ row: SheetRow?, _ rules: ScreeningRules) -> Result<(content: String, segments: Int), TextRefusal> {
        guard let content = text.text(row) else { return .failure(TextRefusal(.variableEmpty)) }
        let segments = Segmentation.count(of: SubmissionPricing.signed(content, by: account))
        if segments > MessageID.segmentsMax { return .failure(TextRefusal(.textTooLong)) }
        do throws(Rejection) {
            try rules.judge(content, templateID: templateID, signature: account.signature)
        } catch {
            return .failure(TextRefusal(.textForbidden))
        }
        return .success((content, segments))
    }

    struct TextRefusal: Error {
        let reason: RecipientRejection

        init(_ reason: RecipientRejection) { self.reason = reason }
    }
}
