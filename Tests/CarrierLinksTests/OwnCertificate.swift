import NIOSSL

/// A certificate for localhost and 127.0.0.1 that nobody has signed but itself. It guards nothing.
enum OwnCertificate {
    static func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUeAiRwuGu/34z23UpCxiIsXoQsE8wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA3NDg1NFoYDzIxMjYxMDI4
        MDc0ODU0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQckV0YcnVRvfI0xNhL+zZII+lYp6Ir8vihEYMwsO7UGqhv+rrTONC2
        TZpHpNAk5FZ/xOCmoyMd+bvtcUTYDDNwo28wbTAdBgNVHQ4EFgQUb5s7nQjds/+q
        zCTKto1yjyvxBOcwHwYDVR0jBBgwFoAUb5s7nQjds/+qzCTKto1yjyvxBOcwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIhAJvTbp5V2U4gWyZIDo7d8S8yvDkwmEuvXhdiKEdu43mvAiA/
        XoB2ZpuddCT6BOOIRSMUImZNa9o9LVTavLqZGD2mQw==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg//A14L1TOdVSnbLd
        Cn0QIDgKgQziDPBXqHLC3B3B45mhRANCAAQckV0YcnVRvfI0xNhL+zZII+lYp6Ir
        8vihEYMwsO7UGqhv+rrTONC2TZpHpNAk5FZ/xOCmoyMd+bvtcUTYDDNw
        -----END PRIVATE KEY-----
        """
}
