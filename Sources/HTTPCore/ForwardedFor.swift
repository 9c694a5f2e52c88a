/// The source of a request by the header field X-Forwarded-For. Each proxy appends the address that it got the request
/// from; what is left of the last entry written by a trusted proxy can be forged by the client.
enum ForwardedFor {
    /// - Parameters:
    ///   - fields: header lines, known to be well-formed.
    ///   - peer: the trusted proxy that the request comes from.
    /// - Returns: the right-most address that is no trusted proxy's; `peer`, or the left-most trusted proxy that is
    ///   known, when there is none.
    static func source(
        in fields: UnsafeRawBufferPointer, from peer: PeerAddress, trusting trustedProxies: [NetworkBlock]
    ) -> PeerAddress {
        var found = peer
        var looks = 0
        // The last line of that name is the end of the list.
        for value in values(in: fields).reversed() {
            for element in fields[value].split(separator: ASCII.comma).reversed() {
                looks += 1
                guard looks <= elementsMax, let address = address(fields, element.startIndex..<element.endIndex) else {
                    return found
                }
                found = address
                if !trustedProxies.contains(where: { $0.contains(address) }) { return found }
            }
        }
        return found
    }

    /// More entries than any chain of trusted proxies has; bounds the work on a long list.
    private static let elementsMax = 32

    private static let name = "x-forwarded-for".utf8

    private static func values(in fields: UnsafeRawBufferPointer) -> [Range<Int>] {
        var values: [Range<Int>] = []
        var next = 0
        while next < fields.count, let line = HeaderLine(fields, from: next) {
            next = line.next
            if ASCII.isSame(fields[line.name], name) { values.append(line.value) }
        }
        return values
    }

    /// `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:5000`.
    private static func address(_ fields: UnsafeRawBufferPointer, _ element: Range<Int>) -> PeerAddress? {
        var first = element.lowerBound
        var end = element.upperBound
        while first < end, ASCII.isBlank(fields[first]) { first += 1 }
        while end > first, ASCII.isBlank(fields[end - 1]) { end -= 1 }
        guard first < end else { return nil }
        if fields[first] == ASCII.openingBracket {
            first += 1
            guard let bracket = fields[first..<end].firstIndex(of: ASCII.closingBracket) else { return nil }
            guard isPort(fields[(bracket + 1)..<end]) else { return nil }
            end = bracket
        } else if let colon = fields[first..<end].firstIndex(of: ASCII.colon),
            fields[first..<end].lastIndex(of: ASCII.colon) == colon
        {
            guard isPort(fields[colon..<end]) else { return nil }
            end = colon
        }
        return PeerAddress(text: UnsafeRawBufferPointer(rebasing: fields[first..<end]))
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        text.isEmpty
            || text.first == ASCII.colon && (2...6).contains(text.count)
                && text.dropFirst().allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }
}
