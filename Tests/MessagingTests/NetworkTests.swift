import Messaging
import Testing

/// WIRE.md "Carriers and numbers", transcribed: every prefix there, and no other.
struct NetworkTests {
    private static let table: [(network: Network, prefixes: String)] = [
        (
            .mobile,
            "1340-1348 135-139 147 148 150-152 157-159 172 178 182-184 187 188 195 197 198 165 1703 1705 1706"
        ),
        (.unicom, "130-132 145 146 155 156 166 175 176 185 186 196 167 171 1704 1707-1709"),
        (
            .telecom,
            "133 1349 149 153 173 177 174000-174005 180 181 189-191 193 199 162 1700-1702"
        ),
        (.broadnet, "192"),
    ]

    /// Prefix → carrier, ranges written out.
    private static var prefixes: [Int: Network] {
        var result: [Int: Network] = [:]
        for row in table {
            for entry in row.prefixes.split(separator: " ") {
                let ends = entry.split(separator: "-").compactMap { Int($0) }
                for prefix in ends[0]...(ends.last ?? ends[0]) { result[prefix] = row.network }
            }
        }
        return result
    }

    @Test func `every prefix from 1000 00 to 1999 99 has the carrier of the table`() throws {
        let prefixes = Self.prefixes
        for six in 100_000...199_999 {
            let expected = prefixes[six] ?? prefixes[six / 100] ?? prefixes[six / 1000]
            let number = PhoneNumber(rawValue: Int64(six) * 100_000 + 12345)
            if Network.of(number) != expected {
                Issue.record("\(six): \(String(describing: Network.of(number))), not \(String(describing: expected))")
            }
        }
    }

    @Test func `a foreign number has the carrier for foreign numbers`() throws {
        let number = try #require(PhoneNumber("0085256412345"))
        #expect(Network.of(number) == .international)
    }

    @Test(arguments: [1, 999, 9_999_999_999, 20_000_000_000, Int64.max])
    func `a raw value that is no number has no carrier`(_ raw: Int64) {
        #expect(Network.of(PhoneNumber(rawValue: raw)) == nil)
    }

    @Test func `a carrier reads back from its name`() {
        for network in Network.allCases { #expect(Network(name: network.name) == network) }
        #expect(Network(name: "") == nil)
        #expect(Network(name: "Mobile") == nil)
    }

    @Test func `a set serves what is in it, and an unknown prefix only with the whole mainland`() {
        let set = NetworkSet([.mobile, .international])
        #expect(set.serves(.mobile) && set.serves(.international))
        #expect(!set.serves(.unicom) && !set.serves(nil))
        #expect(NetworkSet.mainland.serves(nil) && !NetworkSet.mainland.serves(.international))
        #expect(set.networks == [.mobile, .international])
        #expect(NetworkSet(Network.allCases).networks == Network.allCases)
        #expect(NetworkSet([]).networks.isEmpty)
    }
}
