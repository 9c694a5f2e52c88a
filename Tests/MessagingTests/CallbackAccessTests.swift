import Messaging
import Testing

struct CallbackAccessTests {
    private static let now = Timestamp(milliseconds: 1_720_497_600_000)
    private static let hour: Int64 = 3_600_000

    @Test(
        arguments: [
            (0, ["new", "old"]), (24 * hour - 1, ["new", "old"]), (24 * hour, ["new"]), (72 * hour, ["new"]),
            (-hour, ["new", "old"]), (-hour - 1, ["new"]),
        ] as [(Int64, [String])])
    func `a replaced token is taken for a day, by a clock that may be set`(later: Int64, tokens: [String]) {
        var access = CallbackAccess(token: "old")
        access.replaceToken(with: "new", at: Self.now)
        #expect(access.tokens(at: Self.now.adding(milliseconds: later)) == tokens)
    }

    @Test func `of two replacements only the last token before is taken`() {
        var access = CallbackAccess(token: "a")
        access.replaceToken(with: "b", at: Self.now)
        access.replaceToken(with: "c", at: Self.now)
        #expect(access.tokens(at: Self.now) == ["c", "b"])
    }

    @Test(
        arguments: [
            ([], [1, 2, 3, 4], true), ([], nil, true), (["10.0.0.0/8"], [10, 1, 2, 3], true),
            (["10.0.0.0/8"], [11, 1, 2, 3], false), (["10.0.0.0/8"], nil, false), (["10.0.0.0/8"], [], false),
            (["10.0.0.0/8", "192.0.2.7"], [192, 0, 2, 7], true),
            (["10.0.0.0/8"], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 2, 3], true),
        ] as [([String], [UInt8]?, Bool)])
    func `who may push`(networks: [String], address: [UInt8]?, isAdmitted: Bool) {
        let access = CallbackAccess(token: "a", networks: networks.compactMap { IPNetwork($0) })
        #expect(access.admits(address) == isAdmitted)
    }
}
