/// A filter pattern of CloudWatch Logs for events without structure: terms that all must be there, `"quoted phrases"`,
/// `-term` for what must not be there, and `?term ?term` for any of several. Upper and lower case differ.
///
/// Patterns on fields (`{ $.x = 1 }`, `[a, b]`) and regular expressions (`%x%`) are refused by name.
public struct LogFilter: Sendable, Equatable {
  private var all: [String] = []
  private var none: [String] = []
  private var any: [String] = []

  static let longest = 1024

  public init(_ pattern: String) throws(ServiceError) {
    guard pattern.utf8.count <= Self.longest else {
      throw ServiceError(.invalidParameter, "A filterPattern has at most \(Self.longest) bytes.")
    }
    let text = pattern.drop { $0 == " " }
    if let first = text.first, "{[%".contains(first) {
      throw ServiceError(
        .invalidParameter,
        "filterPattern '\(pattern.prefix(60))': patterns on fields and regular expressions are not offered by htr; "
          + "words, \"phrases\", -words and ?words are.")
    }
    var rest = text
    while !rest.isEmpty {
      var mark: Character?
      if let first = rest.first, first == "-" || first == "?" {
        mark = first
        rest.removeFirst()
      }
      let term: Substring
      if rest.first == "\"" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: "\"") else {
          throw ServiceError(
            .invalidParameter, "filterPattern '\(pattern.prefix(60))': a quotation mark is not closed.")
        }
        term = rest[..<end]
        rest = rest[rest.index(after: end)...]
      } else {
        term = rest.prefix { $0 != " " }
        rest = rest.dropFirst(term.count)
      }
      if !term.isEmpty { add(String(term), mark) }
      rest = rest.drop { $0 == " " }
    }
  }

  private mutating func add(_ term: String, _ mark: Character?) {
    switch mark {
    case "-": none.append(term)
    case "?": any.append(term)
    default: all.append(term)
    }
  }

  public func matches(_ message: String) -> Bool {
    // As in CloudWatch: beside a term that must be there, the optional ones do not count.
    all.allSatisfy(message.contains) && !none.contains(where: message.contains)
      && (any.isEmpty || !all.isEmpty || any.contains(where: message.contains))
  }
}
