extension AdminEnvelope {
    /// An envelope with its content.
    public init(id: UInt64, _ body: AdminEnvelope.OneOf_Body) {
        self.init()
        self.requestID = id
        self.body = body
    }

    public static func request(_ call: AdminRequest.OneOf_Call, id: UInt64) -> AdminEnvelope {
        var request = AdminRequest()
        request.call = call
        return AdminEnvelope(id: id, .request(request))
    }

    public static func response(_ result: AdminResponse.OneOf_Result, id: UInt64) -> AdminEnvelope {
        var response = AdminResponse()
        response.result = result
        return AdminEnvelope(id: id, .response(response))
    }

    public static func error(_ error: AdminError, id: UInt64) -> AdminEnvelope {
        AdminEnvelope(id: id, .error(error))
    }

    /// The client's first message.
    public static func hello(
        software: String, versions: ClosedRange<UInt32> = AdminFrame.protocolVersion...AdminFrame.protocolVersion,
        id: UInt64
    ) -> AdminEnvelope {
        var hello = AdminHello()
        hello.protocolMin = versions.lowerBound
        hello.protocolMax = versions.upperBound
        hello.software = software
        return AdminEnvelope(id: id, .hello(hello))
    }
}
