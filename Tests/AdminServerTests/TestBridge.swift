import AdminProtocol
import AdminServer
import Administration
import Engine
import Messaging

/// The administration of an engine, asked as the protocol asks it.
struct TestBridge {
    private let handler: AdministrationHandler

    init(_ engine: Engine) {
        handler = AdministrationHandler(
            Administration(engine: engine, version: "test", logger: TestServer.logger, residentBytes: { 0 }))
    }

    func handle(_ request: AdminRequest.OneOf_Call) async throws(AdminError) -> AdminResponse.OneOf_Result {
        try await handler.handle(request, from: PeerCredentials(processID: 1, userID: 0, groupIDs: []))
    }
}

extension [AdminSetting] {
    func text(_ key: String) -> String? {
        if case .text(let text)? = self[key] { text } else { nil }
    }

    /// Logins by dialect.
    var logins: [String: String] {
        guard case .list(let texts)? = self["logins"] else { return [:] }
        return Dictionary(texts.compactMap { AccountLogin($0) }.map { ($0.dialect.rawValue, $0.login) }) { $1 }
    }
}
