import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Our own trouble, in each dialect's words.
    @Suite struct TroubleCodeTests {
        @Test func `what cannot be stored has a code in every dialect, and costs nothing`() async throws {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(folder: directory.path("state"), in: directory)
            let world = try await World.make(
                account: EnterpriseCustomer.accountArguments + [
                    "--app-secret", "app-secret", "--sp-code", "100001",
                ], in: directory, environment: disk.environment)
            let port = world.appliance.frontPort
            let tokens = try EnterpriseCustomer(.token, port: port)
            let plain = try EnterpriseCustomer(.plain, port: port)
            let apiV1 = ApiV1Customer(port: port)
            let guodu = GuoduCustomer(port: port)
            let yixintong = YixintongCustomer(port: port)
            let mobile = "13800138123"
            // Nothing else may be on its way to the disk.
            #expect(try world.customer.sendSingle(mobile).result == 0)
            #expect(try await world.customer.reports(1).count == 1)
            try disk.refuse(ENOSPC)
            #expect(try tokens.send(mobile).string("code") == "99")
            #expect(try plain.send(mobile).string("code") == "99")
            #expect(try apiV1.send([mobile]).code == "99")
            #expect(try world.customer.sendSingle(mobile).result == -100_999)
            #expect(try guodu.send([mobile]).resultCode == "-1")
            #expect(try yixintong.send(mobile).code == 20)
            #expect(try tokens.requestToken().string("error") == "server_error")
            #expect(try await world.segmentsCharged() == 1)
            try disk.relent()
            try await eventually("writes again") { try apiV1.send([mobile]).code == "00" }
            #expect(try tokens.send(mobile).string("code") == "0")
            #expect(try plain.send(mobile).string("code") == "0")
            #expect(try guodu.send([mobile]).resultCode == "03")
            #expect(try yixintong.send(mobile).code == 0)
            #expect(try await world.segmentsCharged() == 6)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
