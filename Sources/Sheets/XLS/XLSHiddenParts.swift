/// Which sheets and rows of an .xls are hidden; libfreexl does not tell. Reads the records BOUNDSHEET and ROW of the
/// stream `Workbook` ([MS-XLS] 2.4.28, 2.4.221) out of its container ([MS-CFB]). What cannot be read hides nothing: the
/// library judges whether the file is sound.
struct XLSHiddenParts {
    /// By their order in the workbook, from 0.
    private(set) var sheets: Set<Int> = []
    /// Rows from 0, by the order of their sheet.
    private(set) var rows: [Int: Set<Int>] = [:]

    /// Rows that an .xls can have in one sheet.
    private static let rowsMax = 65_536

    init(_ file: CompoundFile?) {
        guard let stream = file?.stream(named: ["Workbook", "Book"]) else { return }
        // Where each sheet begins in the stream.
        var starts: [Int: Int] = [:]
        var sheet: Int?
        var place = 0
        var count = 0
        while place + 4 <= stream.count {
            let kind = stream.number(place, 2)
            let size = stream.number(place + 2, 2)
            let body = place + 4
            guard body + size <= stream.count else { return }
            switch kind {
            case 0x0809: sheet = starts[place] ?? sheet
            // Worksheets only, as the library counts them.
            case 0x0085 where size >= 6 && stream[body + 5] == 0:
                if stream[body + 4] & 3 != 0 { sheets.insert(count) }
                starts[stream.number(body, 4)] = count
                count += 1
            case 0x0208 where size >= 16 && stream[body + 12] & 0x20 != 0:
                if let sheet { rows[sheet, default: []].insert(stream.number(body, 2)) }
            default: break
            }
            place = body + size
        }
    }
}
