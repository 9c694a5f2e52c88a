public import Messaging
import Secrets
import Store

/// What an authenticator app is set up with.
public struct TOTPEnrolment: Hashable, Sendable {
    /// The secret in base32, to be typed.
    public var secret: String
    /// `otpauth://…`, to be read from a QR code.
    public var uri: String
}

extension UserStore {
    /// Recovery codes that a user has when they are new.
    public static let recoveryCodeCount = 10
    /// For how long a secret that is shown can be confirmed, in milliseconds.
    private static let enrolmentLifetime: Int64 = 15 * 60_000
    /// 80 bits: 16 characters of base32.
    private static let recoveryCodeBytes = 10
    private static let issuer = "yizhan"

    /// The secret with which a user sets up an authenticator app; the same one until it is confirmed or 15 minutes have
    /// passed.
    /// - Throws: `store` without such a user or without random numbers.
    public func beginTOTP(_ key: UserKey) throws(UserFailure) -> TOTPEnrolment {
        guard let user = entries[key]?.user else { throw .store(.notFound) }
        let now = clock.now()
        let pending = enrolments[key].flatMap { $0.until > now ? $0.secret : nil }
        let secret: OneTimePassword
        if let pending {
            secret = pending
        } else {
            do {
                secret = try OneTimePassword.generate()
            } catch {
                throw .store(.sealingFailed("no secret can be made: \(error)"))
            }
            enrolments[key] = (secret, now.adding(milliseconds: Self.enrolmentLifetime))
        }
        return TOTPEnrolment(secret: secret.secretText, uri: secret.uri(issuer: Self.issuer, name: user.name))
    }

    /// Switches the authenticator app on with a code of it; the user's other sessions end.
    /// - Returns: recovery codes, which are shown this once.
    /// - Throws: `over` when there is nothing to confirm any more, `wrongCode`, `busy`, `store`.
    public func confirmTOTP(_ session: UserSession, code: String) async throws(UserFailure) -> [String] {
        let key = session.user
        await mutex.lock()
        defer { mutex.unlock() }
        let now = clock.now()
        guard var stored = entries[key], let pending = enrolments[key], pending.until > now else { throw .over }
        guard let step = Self.step(of: code, by: pending.secret, after: -1, at: now) else { throw .wrongCode }
        let (codes, digests) = try Self.makeRecoveryCodes()
        do throws(StoreFailure) {
            let sealed = try seal(pending.secret, of: key)
            stored.sealedTOTP = sealed
            stored.totpStep = step
            stored.user.hasTOTP = true
            try await commit(
                stored,
                [.totp(sealed, step: step), .recoveryCodes(digests), .endSessions(except: session.id)],
                within: Self.waitMax)
        } catch {
            throw UserFailure(error)
        }
        enrolments[key] = nil
        sessions.endAll(of: key, except: session.id)
        return codes
    }

    /// Switches a user's authenticator app off; its other sessions end.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func disableTOTP(_ session: UserSession) async throws(StoreFailure) -> User {
        try await removeTOTP(session.user, keeping: session.id)
    }

    func removeTOTP(_ key: UserKey, keeping kept: SessionID?) async throws(StoreFailure) -> User {
        await mutex.lock()
        defer { mutex.unlock() }
        guard var stored = entries[key] else { throw .notFound }
        stored.sealedTOTP = nil
        stored.totpStep = -1
        stored.user.hasTOTP = false
        try await commit(stored, [.totp(nil, step: -1), .endSessions(except: kept)])
        enrolments[key] = nil
        sessions.endAll(of: key, except: kept)
        return stored.user
    }

    /// Makes recovery codes in the place of those that there are.
    /// - Returns: the codes, which are shown this once.
    /// - Throws: `over` without an authenticator app, `busy`, `store`.
    public func renewRecoveryCodes(_ key: UserKey) async throws(UserFailure) -> [String] {
        guard entries[key]?.user.hasTOTP == true else { throw .over }
        let (codes, digests) = try Self.makeRecoveryCodes()
        do {
            try await store.change(key, [.recoveryCodes(digests)], within: Self.waitMax)
        } catch {
            throw UserFailure(error)
        }
        return codes
    }

    /// How many recovery codes of a user are left.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func recoveryCodesLeft(_ key: UserKey) async throws(StoreFailure) -> Int {
        try await store.recoveryCodes(of: key).count
    }

    private static func makeRecoveryCodes() throws(UserFailure) -> (codes: [String], digests: [[UInt8]]) {
        var codes: [String] = []
        for _ in 0..<recoveryCodeCount {
            do {
                codes.append(BaseEncoding.base32.text(try random(recoveryCodeBytes)))
            } catch {
                throw UserFailure(error)
            }
        }
        let shown = codes.map { code in
            stride(from: 0, to: code.count, by: 4).map { String(code.dropFirst($0).prefix(4)) }.joined(separator: "-")
        }
        return (shown, codes.map { SHA256Digest.bytes(Array($0.utf8)) })
    }

    // MARK: Codes

    /// What has to be stored when a code is taken: the app's step, or the recovery code.
    func acceptance(
        of code: String, for stored: StoredUser, at now: Timestamp
    ) async throws(UserFailure) -> UserChange {
        let plain = code.filter { !$0.isWhitespace && $0 != "-" }
        if plain.utf8.count == OneTimePassword.digits {
            guard let sealed = stored.sealedTOTP else { throw .over }
            let secret: OneTimePassword
            do {
                secret = try open(sealed, of: stored.user.id)
            } catch {
                throw UserFailure(error)
            }
            guard let step = Self.step(of: plain, by: secret, after: stored.totpStep, at: now) else {
                throw .wrongCode
            }
            return .totpStep(step)
        }
        guard plain.utf8.count == Self.recoveryCodeBytes * 8 / 5 else { throw .wrongCode }
        let digest = SHA256Digest.bytes(Array(plain.uppercased().utf8))
        do {
            guard try await store.recoveryCodes(of: stored.user.id).contains(digest) else {
                throw UserFailure.wrongCode
            }
        } catch let failure as StoreFailure {
            throw UserFailure(failure)
        } catch {
            throw .wrongCode
        }
        return .useRecoveryCode(digest, at: now)
    }

    private static func step(
        of code: String, by secret: OneTimePassword, after used: Int64, at now: Timestamp
    ) -> Int64? {
        let plain = code.filter { !$0.isWhitespace }
        return (try? secret.step(of: plain, at: now.milliseconds, after: used)) ?? nil
    }

    private func seal(_ secret: OneTimePassword, of user: UserKey) throws(StoreFailure) -> [UInt8] {
        do {
            return try key.seal(secret.secret, context: Self.context(user))
        } catch {
            throw .sealingFailed("a user's secret cannot be sealed: \(error)")
        }
    }

    private func open(_ sealed: [UInt8], of user: UserKey) throws(StoreFailure) -> OneTimePassword {
        do {
            return OneTimePassword(secret: try key.open(sealed, context: Self.context(user)))
        } catch {
            throw .damaged("the secret of user \(user) does not open with this master key; put back the key file")
        }
    }

    private static func context(_ user: UserKey) -> String { "user \(user) totp" }
}
