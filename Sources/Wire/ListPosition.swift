import JSONKit

/// Where a page of a list ended: the sort value and the id of its last row.
public struct ListPosition: Sendable, Equatable {
  public let value: String
  public let id: Int64

  public init(value: String, id: Int64) {
    self.value = value
    self.id = id
  }

  /// Hexadecimal, so that it passes through every client unchanged.
  func token(query: String) -> String {
    let content: JSON = ["v": .string(value), "i": .integer(id), "q": .string(query)]
    return content.bytes.map { byte in
      let hex = String(byte, radix: 16)
      return hex.count == 1 ? "0" + hex : hex
    }.joined()
  }

  /// Reads a token that was given out for the same query.
  init(token: String, query: String) throws(ServiceError) {
    let digits = Array(token.utf8)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
      else { throw .validation("Invalid NextToken.") }
      bytes.append(byte)
    }
    // What is wrong with the text inside means nothing to a caller, who never wrote it.
    guard digits.count % 2 == 0, let content = try? JSON(parsing: bytes),
      let value = content["v"]?.string, let id = content["i"]?.integer
    else { throw .validation("Invalid NextToken.") }
    guard content["q"]?.string == query else {
      throw .validation("The NextToken belongs to another request: filters and sort must stay the same.")
    }
    self.init(value: value, id: id)
  }
}
