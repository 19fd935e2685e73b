import Synchronization

/// The keys that open the daemon: its own, and those of sessions, which are made from it and stored nowhere.
///
/// May be used from any thread. Keys derived for signing are kept, so that a client's next request costs less.
public final class KeyRing: Sendable {
  /// Most derived keys that are kept. A client needs one for each day, region and service.
  static let mostDerivedKeys = 256
  static let sessionPrefix = "ASIA"
  private static let idDigits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

  private let own: Credentials
  private let secret: DaemonSecret
  private let derived = Mutex<[DerivedKeyName: SigningKey]>([:])

  /// - Parameter own: the daemon's key. Whoever changes it ends all sessions.
  public init(_ own: Credentials) {
    self.own = own
    secret = DaemonSecret(own.secretAccessKey)
  }

  /// Makes keys for a session.
  ///
  /// - Parameters:
  ///   - principal: whom the keys speak for; names of a role at most 255 bytes long.
  ///   - expiry: seconds since 1970 from which on they are good for nothing.
  public func makeSession(of principal: Principal, until expiry: Int64) -> Credentials {
    var generator = SystemRandomNumberGenerator()
    return makeSession(of: principal, until: expiry, using: &generator)
  }

  func makeSession(
    of principal: Principal, until expiry: Int64, using generator: inout some RandomNumberGenerator
  ) -> Credentials {
    let number = (0..<6).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let token = SessionToken(accessKeyId: keyId(number), principal: principal, expiry: expiry)
    return Credentials(
      accessKeyId: token.accessKeyId, secretAccessKey: token.secret(secret), sessionToken: token.text(secret))
  }

  /// Whether an access key is the daemon's or was made here for a session, which may be over.
  public func hasMade(_ accessKeyId: String) -> Bool {
    if accessKeyId == own.accessKeyId { return true }
    guard accessKeyId.hasPrefix(Self.sessionPrefix) else { return false }
    // 10 bytes are 16 digits of 5 bits; the first 6 of them are the key's number.
    var bits: UInt64 = 0
    for digit in accessKeyId.dropFirst(Self.sessionPrefix.utf8.count).prefix(10) {
      guard let value = Self.idDigits.firstIndex(of: digit) else { return false }
      bits = bits << 5 | UInt64(value)
    }
    return keyId((0..<6).map { UInt8(truncatingIfNeeded: bits >> (2 + 8 * (5 - $0))) }) == accessKeyId
  }

  /// An id that tells that it was made here: a number, and a part of a code over it.
  private func keyId(_ number: [UInt8]) -> String {
    let bytes = number + secret.code(for: .sessionKeyId, number).prefix(4)
    var id = Self.sessionPrefix
    for start in [0, 5] {
      let group = bytes[start..<start + 5].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      for place in (0..<8).reversed() { id.append(Self.idDigits[Int(group >> (5 * UInt64(place)) & 31)]) }
    }
    return id
  }
}

/// How signatures are checked.
extension KeyRing {
  /// Somebody with a key, and what they sign with.
  struct Holder {
    let accessKeyId: String
    let principal: Principal
    let secret: String
  }

  private struct DerivedKeyName: Hashable {
    let accessKeyId: String
    let scope: CredentialScope
  }

  func holder(
    of accessKeyId: String, token: String?, service: String, now: Int64
  ) throws(SignatureError) -> Holder {
    if accessKeyId == own.accessKeyId {
      guard token == nil else {
        throw SignatureError(
          .invalidToken,
          "The daemon's own key has no session token. Unset AWS_SESSION_TOKEN.", service: service)
      }
      return Holder(accessKeyId: accessKeyId, principal: .owner, secret: own.secretAccessKey)
    }
    guard hasMade(accessKeyId) else {
      throw SignatureError(
        .unknownAccessKey,
        "There is no access key \(accessKeyId). `htrctl env` prints the daemon's own.", service: service)
    }
    guard let token, let session = SessionToken(token, secret), session.accessKeyId == accessKeyId else {
      throw SignatureError(
        .invalidToken, "The session token that belongs to \(accessKeyId) is missing, or is another one.",
        service: service)
    }
    guard now < session.expiry else {
      throw SignatureError(
        .expiredToken, "The session's keys were good until \(SigningTime(seconds: session.expiry).text).",
        service: service)
    }
    return Holder(accessKeyId: accessKeyId, principal: session.principal, secret: session.secret(secret))
  }

  /// The key that a holder signs with. To be remembered once something was found to be signed with it.
  func signingKey(of holder: Holder, scope: CredentialScope) -> SigningKey {
    let name = DerivedKeyName(accessKeyId: holder.accessKeyId, scope: scope)
    return derived.withLock { $0[name] } ?? SigningKey(secret: holder.secret, scope: scope)
  }

  /// Keeps a key for the holder's next request. Only for keys that somebody proved to know: strangers must not be able to
  /// push out others' keys with scopes that they make up.
  func remember(_ key: SigningKey, of holder: Holder, scope: CredentialScope) {
    let name = DerivedKeyName(accessKeyId: holder.accessKeyId, scope: scope)
    derived.withLock { keys in
      if keys.count >= Self.mostDerivedKeys, keys[name] == nil { keys.removeAll(keepingCapacity: true) }
      keys[name] = key
    }
  }

  var derivedKeyCount: Int { derived.withLock(\.count) }
}
