/// On whose behalf a request is made.
public enum Principal: Sendable, Hashable {
  /// The daemon's owner, by the daemon's own key, by session keys made from it or over the Unix socket.
  case owner
  /// Somebody who took on a role: its name without a path, and the name that they gave to their session.
  case role(name: String, session: String)
}
