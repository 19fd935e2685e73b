import Crypto

/// What a secret becomes for one day, region and service. It signs for nothing else, and tells nothing of the secret.
struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
  private let key: SymmetricKey

  init(secret: String, scope: CredentialScope) {
    let day = Self.code(scope.date, key: SymmetricKey(data: Array("AWS4\(secret)".utf8)))
    let service = Self.code(scope.service, key: Self.code(scope.region, key: day))
    key = Self.code(CredentialScope.terminator, key: service)
  }

  /// The signature of a text, as lower-case hexadecimal digits.
  func signature(of text: String) -> String {
    hexadecimal(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  private static func code(_ text: String, key: SymmetricKey) -> SymmetricKey {
    SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  var description: String { "SigningKey(withheld)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
