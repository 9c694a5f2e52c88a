import Messaging

extension JSONReader {
    /// Steps into the object that is the field's value; else steps over it and returns false.
    mutating func enterObject() throws(Rejection) -> Bool {
        var probe = self
        if (try? probe.enterRecord()) != nil {
            self = probe
            return true
        }
        try skipValue()
        return false
    }

    /// Steps into the whole text, which is an object or a list.
    /// - Returns: whether it is an object.
    mutating func enterObjectOrList() throws(Rejection) -> Bool {
        var probe = self
        if (try? probe.enterRecord()) != nil {
            self = probe
            return true
        }
        try enterOutermostList()
        return false
    }
}

extension JSONWriter {
    /// Opens an object that is a field's value; `close` ends it.
    mutating func openObject(_ name: StaticString) {
        begin(name, isText: false)
        open(name)
    }

    /// A number, or a word, that is written as it is.
    mutating func literal(_ name: StaticString, _ value: String) {
        begin(name, isText: false)
        output.append(contentsOf: value.utf8)
        end(name, isText: false)
    }
}
