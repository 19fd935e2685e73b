/// An object as a remote store lists it.
public struct RemoteObject: Sendable, Equatable {
  public let key: String
  public let size: Int64
  /// Without quotes; another one whenever the bytes are others.
  public let entityTag: String

  public init(key: String, size: Int64, entityTag: String) {
    self.key = key
    self.size = size
    self.entityTag = entityTag
  }
}

/// One page of a listing, in the order of the keys' bytes.
public struct RemoteListing: Sendable, Equatable {
  public internal(set) var objects: [RemoteObject] = []
  /// Whether more keys come after the last one.
  public internal(set) var isTruncated = false
}

/// What asking for an object came to.
public enum RemoteReading: Sendable, Equatable {
  /// The object still bears the tag that the caller knows.
  case unchanged
  /// Its bytes went to the sink.
  case read(entityTag: String, size: Int64)
}

/// The entity tag without the quotes around it.
func unquoted(_ tag: some StringProtocol) -> String {
  tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.utf8.count > 1 ? String(tag.dropFirst().dropLast()) : String(tag)
}
