/// What a load generator is to do.
struct LoadPlan: Sendable {
    enum Mode: String, Sendable, CaseIterable {
        case single, batch

        var path: String {
            switch self {
            case .single: "/sms/v2/std/single_send"
            case .batch: "/sms/v2/std/batch_send"
            }
        }
    }

    /// When to stop.
    enum Extent: Sendable {
        /// Unmeasured at first, then measured, in milliseconds.
        case time(warmup: Int64, measured: Int64)
        /// Exactly so many messages, measured from the first.
        case messages(Int)
    }

    var host: String
    var port: Int
    /// They share the connections, and have one password.
    var accounts: [String]
    var password: String
    var mode: Mode
    /// Recipients of one request; 1 in mode `single`.
    var batchSize: Int
    var content: String
    var numberEnding: Int?
    var connections: Int
    var threads: Int
    var extent: Extent
    /// Messages a second, whether or not replies come; nil: as fast as they come.
    var rate: Int?
    /// Requests under way on one connection at most, when there is a rate.
    var pipeline: Int

    /// A one-time code, in GBK and in one segment.
    static let usualContent = "【驿站】您的验证码是482913，五分钟内有效。"

    /// The share of one of `parts` when `whole` is dealt out evenly.
    static func share(of whole: Int, part: Int, of parts: Int) -> Int {
        whole / parts + (part < whole % parts ? 1 : 0)
    }
}
