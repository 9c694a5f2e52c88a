import NIOSSL

/// A self-signed certificate for localhost and 127.0.0.1, for tests only.
enum TestCertificate {
    static func serverConfiguration() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        return .makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    }

    /// For a client that takes no other certificate.
    static func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)))
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
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
