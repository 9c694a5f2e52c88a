import Messaging
import Testing

/// What must hold of whatever a reader makes of bytes that nobody meant: it is read or refused as malformed, the same
/// each time and wherever the bytes lie in memory, and what was read is no larger than what came.
struct Reading {
    /// A field may be refused by itself: it is missing, or holds what it may not.
    var judgesFields = false
    private(set) var refused = 0
    private(set) var understood = 0

    private static let malformed: Set<Rejection> = [.malformedJSON, .malformedXML, .malformedForm]

    /// Bytes that a reader must not look at. Each would end, or go on with, what stands at its edge.
    private static let neighbours: [(before: [UInt8], after: [UInt8])] = [
        ([], []), (Array("{\"".utf8), Array("\"}]}".utf8)), (Array("1%".utf8), Array("0123456789".utf8)),
    ]

    @discardableResult
    mutating func read<Value: Equatable>(
        _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (UnsafeRawBufferPointer) throws(Rejection) -> Value
    ) -> Value? {
        let outcomes = Self.neighbours.map { before, after in
            (before + bytes + after).withUnsafeBytes { raw -> Result<Value, Rejection> in
                let part = UnsafeRawBufferPointer(rebasing: raw[before.count..<before.count + bytes.count])
                do throws(Rejection) {
                    return .success(try body(part))
                } catch {
                    return .failure(error)
                }
            }
        }
        #expect(
            outcomes.allSatisfy { $0 == outcomes[0] }, "\(String(decoding: bytes, as: UTF8.self)): \(outcomes)",
            sourceLocation: sourceLocation)
        switch outcomes[0] {
        case .success(let value):
            understood += 1
            return value
        case .failure(let rejection):
            refused += 1
            let isOfField =
                switch rejection {
                case .parameterMissing, .parameterInvalid: judgesFields
                default: false
                }
            #expect(
                Self.malformed.contains(rejection) || isOfField,
                "\(String(decoding: bytes, as: UTF8.self)): \(rejection)", sourceLocation: sourceLocation)
            return nil
        }
    }

    /// As `read`, of what holds reports.
    mutating func reports<Value: Equatable>(
        _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation, _ reports: (Value) -> [CarrierReport],
        _ body: (UnsafeRawBufferPointer) throws(Rejection) -> Value
    ) {
        guard let value = read(bytes, sourceLocation: sourceLocation, body) else { return }
        let found = reports(value)
        #expect(found.count <= bytes.count / 2, sourceLocation: sourceLocation)
        for report in found {
            let texts = [report.customID, report.carrierKey ?? "", report.mobile, report.detail, report.status.code]
            Self.expectNoMore(texts, than: bytes, sourceLocation)
            if let moment = report.reportedAt {
                #expect(Timestamp(chinaText: moment.chinaText) == moment, sourceLocation: sourceLocation)
            }
        }
    }

    /// As `read`, of what holds replies.
    mutating func replies<Value: Equatable>(
        _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation, _ replies: (Value) -> [CarrierReply],
        _ body: (UnsafeRawBufferPointer) throws(Rejection) -> Value
    ) {
        guard let value = read(bytes, sourceLocation: sourceLocation, body) else { return }
        let found = replies(value)
        #expect(found.count <= bytes.count / 2, sourceLocation: sourceLocation)
        for reply in found {
            let texts = [reply.mobile, reply.accessNumber, reply.accessExtension ?? "", reply.content]
            Self.expectNoMore(texts, than: bytes, sourceLocation)
        }
    }

    /// A byte that is no text becomes a character of three.
    private static func expectNoMore(_ texts: [String], than bytes: [UInt8], _ sourceLocation: SourceLocation) {
        for text in texts { #expect(text.utf8.count <= 3 * bytes.count, sourceLocation: sourceLocation) }
    }

    /// Neither a reader that takes everything passes, nor one that takes nothing.
    func expectBoth(atLeast count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(refused >= count && understood >= count, "\(self)", sourceLocation: sourceLocation)
    }
}
