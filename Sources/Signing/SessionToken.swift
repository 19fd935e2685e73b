import Crypto

/// What a session's keys are: nothing of it is stored, for the token itself tells, and a code over it proves that the
/// daemon wrote it.
struct SessionToken: Equatable {
  /// `ASIA` and 16 more characters.
  let accessKeyId: String
  let principal: Principal
  /// Seconds since 1970 from which on the keys are good for nothing.
  let expiry: Int64

  private static let version: UInt8 = 1
  private static let codeLength = 32
  /// Longest token in characters: two names of 255 bytes, and the rest.
  private static let longest = 2048

  /// The token as clients send it: two hexadecimal digits for each byte of the record and of its code.
  func text(_ daemonSecret: DaemonSecret) -> String {
    let record = record
    return hexadecimal(record + daemonSecret.code(for: .sessionToken, record))
  }

  /// The secret that belongs to the token.
  func secret(_ daemonSecret: DaemonSecret) -> String {
    String(hexadecimal(daemonSecret.code(for: .sessionSecret, record)).prefix(40))
  }

  /// Reads a token; nil when the daemon did not write it.
  init?(_ text: String, _ daemonSecret: DaemonSecret) {
    guard text.utf8.count <= Self.longest, let bytes = Self.bytes(text), bytes.count > Self.codeLength else {
      return nil
    }
    let record = Array(bytes.dropLast(Self.codeLength))
    let code = daemonSecret.code(for: .sessionToken, record)
    guard SignatureVerifier.areEqualInConstantTime(hexadecimal(code), hexadecimal(bytes.suffix(Self.codeLength))),
      let token = SessionToken(record: record)
    else { return nil }
    self = token
  }

  init(accessKeyId: String, principal: Principal, expiry: Int64) {
    self.accessKeyId = accessKeyId
    self.principal = principal
    self.expiry = expiry
  }

  private var record: [UInt8] {
    var fields = [accessKeyId]
    if case .role(let name, let session) = principal { fields += [name, session] }
    let seconds = (0..<8).reversed().map { UInt8(truncatingIfNeeded: expiry >> ($0 * 8)) }
    return [Self.version] + seconds + fields.flatMap { [UInt8(clamping: $0.utf8.count)] + $0.utf8.prefix(255) }
  }

  private init?(record: [UInt8]) {
    guard record.count > 9, record[0] == Self.version else { return nil }
    var fields: [String] = []
    var rest = record[9...]
    while let length = rest.popFirst() {
      guard rest.count >= Int(length) else { return nil }
      fields.append(String(decoding: rest.prefix(Int(length)), as: UTF8.self))
      rest = rest.dropFirst(Int(length))
    }
    switch fields.count {
    case 1: principal = .owner
    case 3: principal = .role(name: fields[1], session: fields[2])
    default: return nil
    }
    accessKeyId = fields[0]
    expiry = record[1..<9].reduce(0) { $0 << 8 | Int64($1) }
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0, digits.allSatisfy(Characters.isLowerHexadecimal) else { return nil }
    func value(_ digit: UInt8) -> UInt8 { Characters.isDigit(digit) ? digit - 0x30 : digit - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  }
}

/// The secret of the daemon's own key, as what sessions are proved with.
struct DaemonSecret: Sendable {
  /// What a code is for: one made for one purpose is good for no other.
  enum Purpose: String { case sessionToken, sessionSecret, sessionKeyId }

  private let key: SymmetricKey

  init(_ secret: String) { key = SymmetricKey(data: Array(secret.utf8)) }

  func code(for purpose: Purpose, _ bytes: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array("htr \(purpose.rawValue)\n".utf8) + bytes, using: key))
  }
}
