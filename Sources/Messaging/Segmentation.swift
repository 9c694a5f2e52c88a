/// How a text is cut into segments, the unit of billing and of reports.
///
/// Length counts UTF-16 code units. Up to 70 are one segment; longer texts are cut into segments of 67, and a
/// surrogate pair is never split: it moves to the next segment whole. Source: WIRE.md, "General".
public enum Segmentation {
    public static let singleUnitsMax = 70
    public static let partUnitsMax = 67

    /// The number of segments of `text`; 0 for an empty one.
    public static func count(of text: String) -> Int {
        let units = text.utf16.count
        if units == 0 { return 0 }
        if units <= singleUnitsMax { return 1 }
        if units == text.unicodeScalars.count { return (units + partUnitsMax - 1) / partUnitsMax }
        var segments = 1
        var used = 0
        for scalar in text.unicodeScalars {
            let width = UTF16.width(scalar)
            if used + width > partUnitsMax {
                segments += 1
                used = 0
            }
            used += width
        }
        return segments
    }

    /// The segments themselves, in order; joined they are `text` again.
    public static func segments(of text: String) -> [String] {
        let units = text.utf16.count
        if units == 0 { return [] }
        if units <= singleUnitsMax { return [text] }
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let width = UTF16.width(scalar)
            if used + width > partUnitsMax {
                parts.append(String(part))
                part.removeAll()
                used = 0
            }
            part.append(scalar)
            used += width
        }
        parts.append(String(part))
        return parts
    }
}
