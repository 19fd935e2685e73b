import HostKit
public import NIOCore
public import Signing

/// How the data plane learns who asks at a connection.
public enum InvocationDoor: Sendable {
  /// The kernel tells: asked once for each connection, on its event loop. An error refuses every request.
  case peer(@Sendable (any Channel) throws -> VerifiedIdentity)
  /// Each request is signed.
  /// - Parameter hosts: what may stand in `Host`, in lower case: another one is a web page's that had its name resolved to
  ///   here.
  case signed(hosts: Set<String>, keys: KeyRing)
}

/// Lets the requests of one connection in. Used on its event loop.
struct DoorKeeper {
  private let door: InvocationDoor
  private var peer: Result<VerifiedIdentity, any Error>?

  init(_ door: InvocationDoor) { self.door = door }

  /// Whether the body's digest is needed to let a request in.
  var readsBodies: Bool { if case .signed = door { true } else { false } }

  /// What can be told from the head alone.
  mutating func refusal(of head: ClientHead, at channel: any Channel) -> Failure? {
    switch door {
    case .peer(let identify):
      let known = peer ?? Result { try identify(channel) }
      peer = known
      if case .failure(let error) = known { return Failure(refusing: error) }
      return nil
    case .signed(let hosts, _):
      guard head.value(.origin) == nil else {
        return Self.denied("Requests from web pages (with an Origin header) are not accepted.")
      }
      let host = head.value(.host) ?? ""
      guard head.count(.host) == 1, hosts.contains(host.lowercased()) else {
        let list = hosts.sorted().joined(separator: ", ")
        return Self.denied("The Host '\(host.prefix(100))' is not one of this daemon's: \(list).")
      }
      return nil
    }
  }

  /// What can be told once the body is there. Nothing reaches a worker before this was asked.
  func refusal(of head: ClientHead, digest: RunningDigest?) -> Failure? {
    guard case .signed(_, let keys) = door else { return nil }
    do throws(SignatureError) {
      _ = try SignatureVerifier(services: ["sagemaker"]).verify(
        RequestHead(head), bodyDigest: { (digest ?? RunningDigest()).text() }, keys: keys,
        now: Timestamp.now().milliseconds / 1000)
      return nil
    } catch {
      return Failure(refusing: error)
    }
  }

  private static func denied(_ message: String) -> Failure {
    Failure(status: 403, code: "AccessDeniedException", message: message)
  }
}

extension RequestHead {
  /// The request as its signature sees it.
  fileprivate init(_ head: ClientHead) {
    let parts = head.text(head.target).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      method: head.text(head.method), rawPath: String(parts[0]), rawQuery: parts.count > 1 ? String(parts[1]) : "",
      headers: head.fields.map { (head.text($0.name), head.text($0.value)) })
  }
}
