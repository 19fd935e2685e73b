public import JSONKit

extension DaemonClient {
  /// The largest page that List* actions answer.
  private static let pageSize = 100

  /// The rows of a List* action, page by page: at most `limit` of them, or all.
  /// - Parameter rows: the member of the answer that holds them.
  /// - Returns: the rows, and the token of the next page when there is one.
  public func list(
    _ action: String, rows member: String, filter: JSON.Object, limit: Int? = nil
  ) throws -> (rows: [JSON], next: String?) {
    var rows: [JSON] = []
    var token: String?
    repeat {
      var page = filter
      let wanted = limit.map { min(Self.pageSize, $0 - rows.count) } ?? Self.pageSize
      page["MaxResults"] = .integer(Int64(wanted))
      if let token { page["NextToken"] = .string(token) }
      let answer = try call(action, .object(page))
      rows += answer[member]?.array ?? []
      token = answer["NextToken"]?.string
    } while token != nil && rows.count < limit ?? .max
    return (rows, token)
  }
}
