import Foundation
import Testing

/// A place in a JSON text.
struct JSONNode {
    private let value: Any?

    init(_ text: some StringProtocol) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    private init(value: Any?) {
        self.value = value
    }

    subscript(_ key: String) -> JSONNode { JSONNode(value: (value as? [String: Any])?[key]) }

    var string: String? { value as? String }
    var integer: Int? { value as? Int }
    var natural: UInt64? { value as? UInt64 }
    var bool: Bool? { value as? Bool }
    var array: [JSONNode] { (value as? [Any] ?? []).map(JSONNode.init(value:)) }
}
