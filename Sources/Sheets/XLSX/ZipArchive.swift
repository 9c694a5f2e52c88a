import CSheets
import Glibc

/// The files inside an .xlsx. What they inflate to is counted over all of them.
final class ZipArchive {
    private let archive: OpaquePointer
    private var inflatedBytes = 0

    /// - Parameter descriptor: of a regular file; it stays open.
    init(descriptor: Int32) throws(SheetFailure) {
        // The library closes what it is given.
        let own = dup(descriptor)
        guard own >= 0, lseek(own, 0, SEEK_SET) == 0 else { throw .unavailable }
        var code: Int32 = 0
        guard let archive = zip_fdopen(own, 0, &code) else {
            close(own)
            throw code == ZIP_ER_MEMORY ? .readerExhausted : .damaged
        }
        self.archive = archive
        let count = zip_get_num_entries(archive, 0)
        if count > SheetBounds.entriesMax {
            zip_discard(archive)
            throw .tooLarge
        }
    }

    deinit { zip_discard(archive) }

    /// Whether there is a file of this name, in any case.
    func has(_ name: String) -> Bool { zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE)) >= 0 }

    /// The first bytes of a file; empty where there is none.
    func head(of name: String, count: Int) -> String {
        let index = zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE))
        guard index >= 0, let file = zip_fopen_index(archive, UInt64(index), 0) else { return "" }
        defer { zip_fclose(file) }
        var buffer = [UInt8](repeating: 0, count: count)
        let got = zip_fread(file, &buffer, UInt64(count))
        return String(decoding: buffer.prefix(max(0, Int(got))), as: UTF8.self)
    }

    /// Feeds a file to a handler of XML.
    /// - Returns: false when there is no such file.
    /// - Throws: `tooLarge`, `passwordProtected`, `damaged`, or what the handler throws.
    func read(_ name: String, _ handler: any XMLEventHandler) throws(SheetFailure) -> Bool {
        let index = zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE))
        guard index >= 0 else { return false }
        var status = zip_stat_t()
        guard zip_stat_index(archive, UInt64(index), 0, &status) == 0 else { throw .damaged }
        if status.encryption_method != UInt16(ZIP_EM_NONE) { throw .passwordProtected }
        guard let file = zip_fopen_index(archive, UInt64(index), 0) else { throw .damaged }
        defer { zip_fclose(file) }
        let stored = max(1, Int(clamping: status.comp_size))
        let stream = try XMLStream(handler)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        var ofFile = 0
        while true {
            let got = Int(zip_fread(file, buffer.baseAddress, UInt64(buffer.count)))
            guard got >= 0 else { throw .damaged }
            ofFile += got
            inflatedBytes += got
            let isBomb = ofFile > SheetBounds.ratioFreeBytes && ofFile / stored > SheetBounds.inflationRatioMax
            if isBomb || inflatedBytes > SheetBounds.inflatedBytesMax { throw .tooLarge }
            try stream.feed(UnsafeRawBufferPointer(rebasing: buffer[..<got]), isLast: got == 0)
            if got == 0 { return true }
        }
    }
}
