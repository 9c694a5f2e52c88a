/// A customer of the crash rounds.
struct CrashCustomer: Sendable {
    var id: String
    var password: String
    /// What `account add` is told beside id, password and the ids of the dialects.
    var arguments: [String]
    /// The preferred one first.
    var channels: [String]
    /// As the audit knows it.
    var facts: CrashFacts.Account

    static let all = [
        CrashCustomer(
            1, ["--price", "0.029", "--balance", "1000000"], ["plain"], price: 29_000, opening: 1_000_000_000_000),
        CrashCustomer(
            2, ["--price", "0.031", "--balance", "500000", "--refund", "failed"], ["failing", "plain"], price: 31_000,
            opening: 500_000_000_000, refundsFailed: true, retryCodes: ["UNDELIV", "MK:0001"]),
        CrashCustomer(
            3,
            ["--payment", "postpaid", "--charge-by", "count", "--credit", "100000000", "--refund", "failed"],
            ["again"], price: 1, opening: 0, floor: -100_000_000, refundsFailed: true),
        // Soon has nothing left.
        CrashCustomer(4, ["--price", "0.01", "--balance", "20"], ["plain"], price: 10_000, opening: 20_000_000),
        CrashCustomer(
            5, ["--price", "0.029", "--balance", "1000000"], ["polled"], price: 29_000, opening: 1_000_000_000_000,
            push: .bySegment),
        CrashCustomer(
            6, ["--price", "0.029", "--balance", "1000000"], ["plain"], price: 29_000, opening: 1_000_000_000_000,
            push: .byMessage),
        CrashCustomer(
            7, ["--price", "0.029", "--balance", "1000000"], ["failing"], price: 29_000, opening: 1_000_000_000_000,
            push: .once),
    ]

    private init(
        _ number: Int, _ arguments: [String], _ channels: [String], price: Int, opening: Int, floor: Int = 0,
        refundsFailed: Bool = false, retryCodes: Set<String> = [], push: CrashFacts.Pushing? = nil
    ) {
        id = "C0000\(number)"
        password = "Kz7pq4Rt9w-\(number)"
        self.arguments = arguments + ["--extension", "6\(number)"]
        self.channels = channels
        facts = CrashFacts.Account(
            id: id, price: price, refundsFailed: refundsFailed, opening: opening, floor: floor,
            channels: Set(channels), retryCodes: retryCodes, push: push)
    }
}
