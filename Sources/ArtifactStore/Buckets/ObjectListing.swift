/// What a listing asks for.
public struct ListingRequest: Sendable {
  /// Where a listing goes on.
  public enum Start: Sendable, Equatable {
    case beginning
    /// With the first key after this text (`start-after`).
    case after(String)
    /// Where a page ended: after this key, or after everything in this group (continuation tokens, `marker`).
    case past(String)
  }

  public var prefix: String
  /// What ends a group's name; empty for no groups. Any text, of any length.
  public var delimiter: String
  public var start: Start
  /// The most rows, groups included.
  public var limit: Int

  public init(prefix: String = "", delimiter: String = "", start: Start = .beginning, limit: Int = 1000) {
    self.prefix = prefix
    self.delimiter = delimiter
    self.start = start
    self.limit = limit
  }
}

/// Rows of a listing in the byte order of their keys.
public struct ListingPage: Sendable, Equatable {
  public enum Row: Sendable, Equatable {
    case object(StoredObject)
    /// All keys that begin so: the prefix, and on to the first delimiter.
    case group(String)

    /// What the row is sorted by.
    public var name: String {
      switch self {
      case .object(let object): object.key
      case .group(let name): name
      }
    }
  }

  public internal(set) var rows: [Row] = []
  /// Whether there is more after these rows.
  public internal(set) var isTruncated = false

  /// Where the next page starts; nil when this one is the last.
  public var next: ListingRequest.Start? { isTruncated ? rows.last.map { .past($0.name) } : nil }

  public var objects: [StoredObject] {
    rows.compactMap { if case .object(let object) = $0 { object } else { nil } }
  }

  public var groups: [String] {
    rows.compactMap { if case .group(let name) = $0 { name } else { nil } }
  }
}
