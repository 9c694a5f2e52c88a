/// Numbers to which the simulator does nothing out of the ordinary.
enum Numbers {
    /// `count` different ones, the same at every call; `prefix`: the first three digits.
    static func ordinary(_ prefix: String, _ count: Int, from start: Int = 0) -> [String] {
        (start..<start + count).map { place in
            prefix + String(10_000_100 + place / 9000 * 10_000 + place % 9000)
        }
    }
}
