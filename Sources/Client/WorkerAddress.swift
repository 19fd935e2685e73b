import CurlKit

/// Where an inference worker, or a whole endpoint of them, answers.
public enum WorkerAddress: Sendable, Equatable, CustomStringConvertible {
  case unixSocket(path: String)
  /// Host and port as they stand in a URL.
  case tcp(authority: String)
  /// A deployed endpoint, asked through the daemon's socket.
  case endpoint(name: String, socket: String)

  /// From `http://HOST:PORT` or `unix:/PATH`; nil for anything else.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst("unix:".count)
      // `unix:///path` is how URLs write it.
      let plain = path.hasPrefix("//") ? path.dropFirst(2) : path
      guard plain.hasPrefix("/"), plain.utf8.count > 1, !plain.utf8.contains(0) else { return nil }
      self = .unixSocket(path: String(plain))
    } else if text.hasPrefix("http://") {
      let rest = text.dropFirst("http://".count)
      let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
      guard isAuthority(authority) else { return nil }
      self = .tcp(authority: String(authority))
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .unixSocket(let path): "unix:\(path)"
    case .tcp(let authority): "http://\(authority)"
    case .endpoint(let name, _): "endpoint \(name)"
    }
  }

  /// The path that requests go to.
  var invocations: String {
    switch self {
    case .unixSocket, .tcp: "/invocations"
    case .endpoint(let name, _): "/endpoints/\(percentEncoded(name))/invocations"
    }
  }
}
