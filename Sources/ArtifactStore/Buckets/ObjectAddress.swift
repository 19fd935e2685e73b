/// Where an object, or all objects under a prefix, live in the bucket store: `s3://bucket/key`.
public struct ObjectAddress: Sendable, Hashable, CustomStringConvertible {
  public let bucket: String
  /// Opaque to us: no byte of it has a meaning except that S3's tools show `/` as folders. May be empty for a prefix.
  public let key: String

  public init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  /// Parses `s3://bucket/key`; nil when the scheme is another one or no bucket could bear the name.
  public init?(_ uri: String) {
    let scheme = "s3://"
    guard uri.utf8.starts(with: scheme.utf8) else { return nil }
    let rest = uri.utf8.dropFirst(scheme.utf8.count)
    let bucket = rest.prefix { $0 != UInt8(ascii: "/") }
    guard let name = String(bucket), Self.isBucketName(name), let key = String(rest.dropFirst(bucket.count + 1)) else {
      return nil
    }
    self.init(bucket: name, key: key)
  }

  public var uri: String { "s3://\(bucket)/\(key)" }
  public var description: String { uri }

  /// S3's rules: 3 to 63 lower-case letters, digits, dots and hyphens, no two dots in a row, not like an IPv4 address.
  public static func isBucketName(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    let isLetterOrDigit: (UInt8) -> Bool = { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    guard (3...63).contains(bytes.count), isLetterOrDigit(bytes[0]), isLetterOrDigit(bytes[bytes.count - 1]),
      bytes.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
    else { return false }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty }) else { return false }
    return !(parts.count == 4 && parts.allSatisfy { UInt8($0) != nil })
  }
}

/// A place that a request names: objects of the bucket store, or files of this machine.
public enum ContentLocation: Sendable, Hashable {
  case objects(ObjectAddress)
  /// An absolute path.
  case local(String)

  /// Parses `s3://bucket/key` and `file:///path`. The path is taken as it stands, without percent decoding, as the
  /// SageMaker SDK's local mode does.
  public init?(_ uri: String) {
    if let address = ObjectAddress(uri) {
      self = .objects(address)
    } else if uri.utf8.starts(with: "file:///".utf8), let path = String(uri.utf8.dropFirst(7)), !path.utf8.contains(0) {
      self = .local(path)
    } else {
      return nil
    }
  }

  public var uri: String {
    switch self {
    case .objects(let address): address.uri
    case .local(let path): "file://\(path)"
    }
  }
}
