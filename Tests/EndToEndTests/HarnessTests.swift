import Testing

/// The harness's own reading of what went over the wire.
@Suite struct HarnessTests {
    @Test func `a number is one where the field says so, and a digest, a length or an id never is`() {
        let stream = """
            POST /sms/v2/std/batch_send HTTP/1.1\r\nContent-Length: 13800138000\r\n\r\n{"userid":"SIM001",\
            "pwd":"ab13912345678cd13800138001f","timestamp":"1127233611","mobile":"13800138123,13900139123",\
            "content":"13700137000","custid":"m13600136000"}POST /sms/v2/std/multi_send HTTP/1.1\r\n\r\n\
            {"multimt":[{"mobile":"13000130000","content":"x"},{"mobile":"13800138123","content":"y"}]}\
            {"userid":"SIM001","pwd":"13512345678","retsize":500}
            """
        let mobiles = RecordingProxy.mobiles(in: Array(stream.utf8))
        #expect(mobiles == ["13800138123", "13900139123", "13000130000", "13800138123"])
    }
}
