/// The dialects, by the names that the command line has for them. Enterprise has two: one for each of its modes.
public enum DialectName: String, Sendable, CaseIterable {
    /// Enterprise in token mode: `/oauth2/…`.
    case enterpriseOAuth2 = "enterprise-oauth2"
    /// Enterprise in plain mode: `/json/sms/…`.
    case enterpriseJSON = "enterprise-json"
    /// ApiV1: `/api/v1/…`.
    case apiV1 = "api-v1"
    /// OperatorV2: `/sms/v2/std/…`.
    case operatorV2 = "operator-v2"
    /// Guodu: `/HttpQuickProcess/submitJson`.
    case guodu = "guodu"
    /// Yixintong: `/api/sms/send` and `/info/sms/…`.
    case yixintong = "yixintong"
}
