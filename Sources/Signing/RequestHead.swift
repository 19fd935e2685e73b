/// What a signature covers besides the body: a request as it stands on the wire.
///
/// Paths and queries stay raw, for whoever decodes them first can no longer tell what was signed.
public struct RequestHead: Sendable {
  public var method: String
  /// The path with its percent escapes, from the first `/` to before the `?`.
  public var rawPath: String
  /// What follows the `?`, escapes and all; empty when there is none.
  public var rawQuery: String
  /// Header fields in their order; names in any case, repeated fields as separate entries.
  public var headers: [(name: String, value: String)]

  public init(
    method: String, rawPath: String, rawQuery: String = "",
    headers: [(name: String, value: String)]
  ) {
    self.method = method
    self.rawPath = rawPath
    self.rawQuery = rawQuery
    self.headers = headers
  }

  /// Every value of a header, whatever the case of its name.
  func values(of name: String) -> [String] {
    headers.filter { $0.name.lowercased() == name }.map(\.value)
  }

  /// The parameters of the query as they stand, undecoded, in their order.
  var queryPairs: [(name: Substring, value: Substring)] {
    guard !rawQuery.isEmpty else { return [] }
    return rawQuery.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      guard let equals = pair.firstIndex(of: "=") else { return (pair, "") }
      return (pair[..<equals], pair[pair.index(after: equals)...])
    }
  }
}
