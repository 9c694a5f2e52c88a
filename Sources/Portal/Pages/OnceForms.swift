import Synchronization

/// Ids of forms that move money, so that one that is sent twice is carried out once. They are remembered while the
/// service runs; a form from before a restart is refused and has to be opened again.
final class OnceForms: Sendable {
    private struct State {
        var open: Set<String> = []
        /// In the order in which they were made.
        var order: [String] = []
    }

    private let state = Mutex(State())
    private static let countMax = 10_000

    /// Of all pages of this process.
    static let shared = OnceForms()

    /// The name of the field.
    static let field = "once"

    /// A new id, as a hidden field.
    func html() -> HTML {
        var generator = SystemRandomNumberGenerator()
        let id = String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt64, radix: 36)
        state.withLock { state in
            state.open.insert(id)
            state.order.append(id)
            if state.order.count > Self.countMax { state.open.remove(state.order.removeFirst()) }
        }
        return "<input type=\"hidden\" name=\"\(Self.field)\" value=\"\(id)\">"
    }

    /// Takes a form's id; false when it was taken before or is none of ours.
    func take(_ form: FormFields) -> Bool {
        let id = form[Self.field]
        return state.withLock { $0.open.remove(id) != nil }
    }
}
