public import AdminProtocol
public import Administration
import Engine
import Messaging

/// What carries requests out.
public protocol AdminHandling: Sendable {
    /// The result of one request of a peer. Requests of one connection come one after another, those of several at
    /// once. A result that does not fit a frame is answered as INTERNAL: page what can grow.
    /// - Throws: the error with which the request is answered; the connection goes on.
    func handle(
        _ request: AdminRequest.OneOf_Call, from peer: PeerCredentials
    ) async throws(AdminError) -> AdminResponse.OneOf_Result
}

/// Carries admin requests out with `Administration`: protobuf messages to values and back.
public struct AdministrationHandler: AdminHandling {
    private let administration: Administration

    /// - Parameter administration: copied for each request, and the copy bound to the peer (`asked(by:)`).
    public init(_ administration: Administration) {
        self.administration = administration
    }

    /// Carries `request` out in the name of the peer's process.
    /// - Throws: the `AdministrationError` of the command, its kind as a code.
    public func handle(
        _ request: AdminRequest.OneOf_Call, from peer: PeerCredentials
    ) async throws(AdminError) -> AdminResponse.OneOf_Result {
        let asked = administration.asked(by: .localProcess(userID: peer.userID, processID: peer.processID))
        do throws(AdministrationError) {
            return try await asked.answer(request)
        } catch {
            throw AdminError(error)
        }
    }
}

extension AdminError {
    init(_ error: AdministrationError) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalidArgument
            case .notFound: .notFound
            case .alreadyExists: .alreadyExists
            case .unavailable: .unavailable
            case .internal: .internal
            }
        self.init(code, error.message, field: error.field)
    }
}

extension Administration {
    fileprivate func answer(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .accountAdd, .accountShow, .accountList, .accountSet, .accountEnable, .accountRecharge, .accountUnlock,
            .refusalList, .pushList, .pushReplay:
            try await answerAccount(request)
        case .channelAdd, .channelShow, .channelList, .channelSet, .channelEnable, .channelPause, .channelOutlook:
            try await answerChannel(request)
        case .messageShow, .messageList, .messageSettle, .messageCancel, .ledgerVerify, .clockAccept, .statusShow:
            try await answerMessage(request)
        case .inboundList, .inboundShow, .inboundReplay, .inboundDiscard:
            try await answerInbound(request)
        case .routeAdd, .routeShow, .routeList, .routeSet, .routeEnable, .routeRemove, .routeExplain, .portedChange,
            .portedList:
            try await answerRoute(request)
        case .ruleShow, .ruleSet, .wordsChange, .templateAdd, .templateRemove, .templateList, .blacklistChange,
            .blacklistList:
            try await answerRules(request)
        case .userAdd, .userList, .userSet, .userEnable, .userResetPassword, .userResetTotp, .userSessionList,
            .userSessionEnd, .auditList, .auditVerify:
            try await answerUsers(request)
        }
    }

    /// A request that came to a family that is not its own.
    static var misplaced: AdministrationError {
        AdministrationError(kind: .internal, message: "The request is of another family.")
    }
}

extension AdminSetting {
    /// A setting as the protocol carries it.
    public init(_ setting: Setting) {
        self.init()
        key = setting.key
        switch setting.value {
        case .text(let text): self.text = text
        case .integer(let number): integer = number
        case .flag(let isOn): flag = isOn
        case .list(let texts): list.texts = texts
        }
    }

    /// The value; an empty text where the peer gave none.
    public var settingValue: SettingValue {
        switch value {
        case .text(let text)?: .text(text)
        case .integer(let number)?: .integer(number)
        case .flag(let isOn)?: .flag(isOn)
        case .list(let list)?: .list(list.texts)
        case nil: .text("")
        }
    }
}

extension [AdminSetting] {
    /// The value that is given for a key: the last one. Setting nil takes the key out.
    public subscript(key: String) -> SettingValue? {
        get { last { $0.key == key }?.settingValue }
        set {
            let place = firstIndex { $0.key == key }
            guard let newValue else {
                removeAll { $0.key == key }
                return
            }
            let setting = AdminSetting(Setting(key, newValue))
            if let place { self[place] = setting } else { append(setting) }
        }
    }

    var values: [Setting] { map { Setting($0.key, $0.settingValue) } }
}
