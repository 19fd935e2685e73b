/// Who makes a request, as proved by a signature or by the kernel.
///
/// Only the verifiers of this module can make one, for it has no public initialiser: a function that asks for it cannot be reached unverified.
public struct VerifiedIdentity: Sendable, Equatable {
  public let accessKeyId: String
  /// On whose behalf.
  public let principal: Principal
  public let region: String
  public let service: String

  /// Whether the key is one that ends by itself.
  public var isSession: Bool { accessKeyId.hasPrefix(KeyRing.sessionPrefix) }
}

/// Tells who is at the other end of the daemon's Unix socket.
public enum PeerVerifier {
  /// Lets the owner of the daemon in and nobody else, root included: other users have keys for the network's door.
  ///
  /// - Parameters:
  ///   - peerUID: what the kernel says of the connection, never what the peer says.
  ///   - region: the region of what this peer asks for, as no signature names one.
  public static func verify(
    peerUID: UInt32, ownerUID: UInt32, region: String, service: String = "sagemaker"
  ) throws(SignatureError) -> VerifiedIdentity {
    guard peerUID == ownerUID else {
      throw SignatureError(
        .foreignPeer,
        "The daemon belongs to user \(ownerUID); user \(peerUID) may reach it over TCP with an access key.",
        service: service)
    }
    return VerifiedIdentity(accessKeyId: "uid:\(peerUID)", principal: .owner, region: region, service: service)
  }
}
