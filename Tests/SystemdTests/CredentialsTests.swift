import Glibc
import Systemd
import Testing

@Suite struct CredentialsTests {
    @Test func `a credential is read whole, and a name cannot leave the folder`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            let scratch = Scratch()
            let key = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
            scratch.write(key, to: "master.key")
            scratch.write([UInt8](repeating: 1, count: (1 << 20) + 1), to: "big")
            setenv("CREDENTIALS_DIRECTORY", scratch.path, 1)
            let found = Credentials.read(name: "master.key")
            let others = ["none", "", ".", "..", "../passwd", "big"].map { Credentials.read(name: $0) }
            let directory = Credentials.directory
            scratch.remove()
            require(found == key, "the bytes of the file")
            require(others.allSatisfy { $0 == nil }, "nothing else is read")
            require(directory == scratch.path, "the folder")
            exit(42)
        }
    }

    @Test func `without a folder there are no credentials`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            setenv("CREDENTIALS_DIRECTORY", "", 1)
            require(Credentials.directory == nil, "an empty variable is none")
            unsetenv("CREDENTIALS_DIRECTORY")
            require(Credentials.directory == nil && Credentials.read(name: "master.key") == nil, "none")
            exit(42)
        }
    }
}
