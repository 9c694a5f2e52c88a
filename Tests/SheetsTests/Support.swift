import Foundation

@testable import Sheets

/// A folder of its own for one test, gone when the test is.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "yizhan-sheets-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A file with these bytes.
    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let path = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// The files that `Fixtures/make.py` made.
func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// What is in a file.
struct ReadSheet {
    var description = SheetDescription(kind: .csv)
    var sheet = ""
    var rows: [SheetRow] = []
    var remainder = SheetRemainder()

    init(_ path: String, sheet: String? = nil, by reading: any SheetReading = DirectSheetReader()) throws {
        final class Box { var read: [SheetEvent] = [] }
        let box = Box()
        try reading.read(path: path, sheet: sheet) { event throws(SheetFailure) in box.read.append(event) }
        for event in box.read {
            switch event {
            case .opened(let description): self.description = description
            case .sheet(let name): self.sheet = name
            case .row(let row): rows.append(row)
            case .ended(let remainder): self.remainder = remainder
            }
        }
    }

    /// The texts of a column, by the numbers of the rows.
    func column(_ column: Int) -> [Int: String] {
        Dictionary(rows.map { ($0.number, $0[column].text) }, uniquingKeysWith: { $1 })
    }
}
