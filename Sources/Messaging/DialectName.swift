/// The dialects, by the names that the command line has for them. Dialect 000 has two: one for each of its modes.
public enum DialectName: String, Sendable, CaseIterable {
    case enterpriseOAuth2 = "enterprise-oauth2"
    case enterpriseJSON = "enterprise-json"
    case apiV1 = "api-v1"
    case operatorV2 = "operator-v2"
    case guodu = "guodu"
    case yixintong = "yixintong"
}
