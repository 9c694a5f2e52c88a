import CSheets
import Glibc

/// Takes the events of an XML document. Names are as they are in the document, without a prefix.
protocol XMLEventHandler: AnyObject {
    func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) throws(SheetFailure)
    func end(_ name: UnsafePointer<CChar>) throws(SheetFailure)
    func characters(_ bytes: UnsafeRawBufferPointer)
}

/// The attributes of an element, as expat has them: names and values in turn, then nil.
struct XMLAttributes {
    fileprivate let list: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    /// The value of an attribute, by its name without a prefix.
    subscript(_ name: StaticString) -> UnsafePointer<CChar>? {
        guard let list else { return nil }
        var index = 0
        while let key = list[index] {
            if XMLName.local(key).isNamed(name) { return list[index + 1] }
            index += 2
        }
        return nil
    }

    /// The same as text, cut at `SheetBounds.cellBytesMax` bytes.
    func text(_ name: StaticString) -> String? {
        self[name].map { String(cString: $0).cut(toBytes: SheetBounds.cellBytesMax) }
    }
}

enum XMLName {
    /// A name without its prefix.
    static func local(_ name: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
        guard let colon = strrchr(name, 0x3A) else { return name }
        return UnsafePointer(colon) + 1
    }
}

extension UnsafePointer<CChar> {
    /// Compares with a text of ASCII.
    func isNamed(_ name: StaticString) -> Bool {
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) { strcmp(self, $0) == 0 }
    }
}

/// An XML document that is fed piece by piece; document types are refused, so that there are no entities.
final class XMLStream {
    private let parser: XML_Parser
    private let handler: any XMLEventHandler
    private var failure: SheetFailure?
    private var depth = 0

    init(_ handler: any XMLEventHandler) throws(SheetFailure) {
        guard let parser = XML_ParserCreate(nil) else { throw .readerExhausted }
        self.parser = parser
        self.handler = handler
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { context, name, attributes in
                if let name { XMLStream.of(context)?.start(name, XMLAttributes(list: attributes)) }
            },
            { context, name in if let name { XMLStream.of(context)?.end(name) } })
        XML_SetCharacterDataHandler(parser) { context, bytes, count in
            guard let stream = XMLStream.of(context), stream.failure == nil else { return }
            stream.handler.characters(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in XMLStream.of(context)?.fail(.doctype) }
    }

    deinit { XML_ParserFree(parser) }

    private static func of(_ context: UnsafeMutableRawPointer?) -> XMLStream? {
        context.map { Unmanaged<XMLStream>.fromOpaque($0).takeUnretainedValue() }
    }

    private func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        guard failure == nil else { return }
        depth += 1
        if depth > SheetBounds.depthMax { return fail(.damaged) }
        do throws(SheetFailure) {
            try handler.start(XMLName.local(name), attributes)
        } catch {
            fail(error)
        }
    }

    private func end(_ name: UnsafePointer<CChar>) {
        guard failure == nil else { return }
        depth -= 1
        do throws(SheetFailure) {
            try handler.end(XMLName.local(name))
        } catch {
            fail(error)
        }
    }

    private func fail(_ failure: SheetFailure) {
        if self.failure == nil { self.failure = failure }
        XML_StopParser(parser, XML_Bool(XML_FALSE))
    }

    /// - Throws: what the handler threw, `doctype`, or `damaged` where it is no XML.
    func feed(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(SheetFailure) {
        let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let status = XML_Parse(parser, base, Int32(clamping: bytes.count), isLast ? 1 : 0)
        if let failure { throw failure }
        if status != XML_STATUS_OK {
            throw XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY ? .readerExhausted : .damaged
        }
    }
}
