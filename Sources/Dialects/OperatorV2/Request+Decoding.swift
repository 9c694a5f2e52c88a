public import Messaging

extension OperatorV2 {
    /// The request in `body`, or in the query of a GET's URL, which is a form.
    ///
    /// A rule of the interface that a field breaks is in the request's `content`, in the order number, content, custid,
    /// exdata, exno, svrtype, validtime.
    /// - Throws: what keeps the body from being read at all: `malformedJSON`, `malformedXML`, `malformedForm`.
    public static func decodeRequest(
        _ endpoint: Endpoint, format: BodyFormat, body: UnsafeRawBufferPointer
    ) throws(Rejection) -> Request {
        let bytes = WireBytes(body)
        var fields = RequestFields(endpoint)
        switch format {
        case .json:
            var reader = JSONReader(bytes)
            try fields.read(&reader)
        case .xml:
            var reader = XMLReader(bytes)
            try fields.read(&reader)
        case .form:
            try fields.readForm(bytes)
        }
        let content = Result { () throws(Rejection) -> Content in try fields.content() }
        var request = Request(credentials: fields.credentials, content: content)
        if case .failure = content { request.mobile = fields.firstNumber }
        return request
    }

    /// As `decodeRequest(_:format:body:)`, of bytes in an array.
    /// - Throws: the same.
    public static func decodeRequest(
        _ endpoint: Endpoint, format: BodyFormat, body: [UInt8]
    ) throws(Rejection) -> Request {
        try body.withRawBytes { bytes throws(Rejection) in
            try decodeRequest(endpoint, format: format, body: bytes)
        }
    }
}
