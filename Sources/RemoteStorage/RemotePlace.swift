import CurlKit
public import Signing

/// An S3 on the network: AWS's own, MinIO, Ceph. Buckets are named in the path, which all of them understand.
public struct RemotePlace: Sendable {
  /// Scheme, host and port: `https://minio.example:9000`.
  public let endpoint: String
  public let region: String
  public let credentials: Credentials
  /// A file of certificates to trust in place of the system's.
  public let authorities: String?

  /// Nil when the endpoint is no `http://HOST[:PORT]` or `https://HOST[:PORT]`; a last slash is fine.
  public init?(endpoint: String, region: String, credentials: Credentials, authorities: String? = nil) {
    let plain = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    guard let scheme = ["https://", "http://"].first(where: plain.hasPrefix) else { return nil }
    let authority = plain.dropFirst(scheme.count)
    guard isAuthority(authority) else { return nil }
    self.endpoint = plain
    self.region = region
    self.credentials = credentials
    self.authorities = authorities
  }

  var authority: String { endpoint.split(separator: "/").last.map(String.init) ?? "" }
}

/// Why a remote store did not do what was asked. The message says where, what and which code.
public struct RemoteError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// Nothing is there: no bucket, no object, no upload.
    case missing
    /// It answered that it will not.
    case refused
    /// It cannot be reached, is busy or broken: the same request may succeed later.
    case passing
    /// Whoever takes the bytes wanted no more of them.
    case interrupted
    /// A file of ours cannot be read.
    case unreadable
  }

  public let kind: Kind
  public let message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
