import Dialects
import Messaging

/// What is to be made of a body that was fetched, before it is kept and read.
enum FetchedBody {
    /// The code of an answer that holds no record at all: of an empty one, or of a refusal, whatever its length. Nil
    /// for all else, what cannot be read included: that is kept as it is. A long list costs no more than its head.
    static func codeWithoutRecords(
        _ body: [UInt8], _ read: (UnsafeRawBufferPointer) throws(Rejection) -> FetchHead
    ) -> String? {
        let head = body.withUnsafeBytes { raw in Result { () throws(Rejection) in try read(raw) } }
        guard case .success(let head) = head, !head.hasRecords else { return nil }
        return head.code
    }

    /// What is kept of an answer that succeeded and holds no record that we know: in a long one there may be some
    /// that we do not.
    static func unlessEmpty(_ body: [UInt8]) -> [UInt8]? { body.count < emptyBytesMax ? nil : body }

    private static let emptyBytesMax = 160
}
