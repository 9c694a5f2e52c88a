/// Writes form fields. A list is JSON text as it is: not percent-encoded, as the samples of OperatorV2 print it.
struct FormWriter: RecordWriter {
    private var json: JSONWriter
    private var isInList = false

    init(capacity: Int) {
        json = JSONWriter(capacity: capacity)
    }

    var output: [UInt8] {
        get { json.output }
        _modify { yield &json.output }
    }

    mutating func open(_ root: StaticString) {}
    mutating func close(_ root: StaticString) {}

    mutating func openList(_ name: StaticString) {
        key(name)
        json.openBracket()
        isInList = true
    }

    mutating func closeList(_ name: StaticString) {
        json.closeBracket()
        isInList = false
    }

    mutating func openItem(_ name: StaticString) { json.openItem(name) }
    mutating func closeItem(_ name: StaticString) { json.closeItem(name) }

    mutating func begin(_ name: StaticString, isText: Bool) {
        if isInList { json.begin(name, isText: isText) } else { key(name) }
    }

    mutating func end(_ name: StaticString, isText: Bool) {
        if isInList { json.end(name, isText: isText) }
    }

    mutating func escaped(_ text: String) {
        if isInList { json.escaped(text) } else { PercentCoding.append(text.utf8, to: &json.output) }
    }

    /// A field whose value is percent-encoded from `bytes`.
    mutating func encodedField(_ name: StaticString, _ bytes: some Collection<UInt8>) {
        key(name)
        PercentCoding.append(bytes, to: &json.output)
    }

    private mutating func key(_ name: StaticString) {
        if !json.output.isEmpty { json.output.append(UInt8(ascii: "&")) }
        json.output.append(name)
        json.output.append(UInt8(ascii: "="))
    }
}
