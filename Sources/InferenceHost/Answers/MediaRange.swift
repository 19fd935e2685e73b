import Foundation

/// One media type or range of a header, such as `text/*;q=0.5`.
struct MediaRange: Equatable {
  /// Without parameters, in lower case.
  let name: String
  /// How much it is wanted: 0 (not at all) to 1.
  let quality: Double
  /// The parameter `form`, by which JSON of different shapes is told apart.
  let form: String?

  private static let most = 20

  init(_ text: some StringProtocol) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    func parameter(_ name: String) -> String? {
      parts.dropFirst().first { $0.hasPrefix("\(name)=") }.map {
        String($0.dropFirst(name.count + 1))
      }
    }
    name = parts[0]
    quality = parameter("q").flatMap(Double.init) ?? 1
    form = parameter("form")?.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
  }

  /// The ranges of an Accept header; none accepts everything.
  static func ranges(of accept: String?) -> [MediaRange] {
    guard let accept, !accept.allSatisfy(\.isWhitespace) else { return [MediaRange("*/*")] }
    return accept.split(separator: ",").prefix(most).map { MediaRange($0) }
  }

  func covers(_ type: String) -> Bool {
    name == "*/*" || name == type || (name.hasSuffix("/*") && type.hasPrefix(name.dropLast(1)))
  }

  fileprivate var breadth: Int {
    name == "*/*" ? 3 : name.hasSuffix("/*") ? 2 : form == nil ? 1 : 0
  }
}

extension [MediaRange] {
  /// The form that is wanted most, the earlier one of equals; nil when none is wanted.
  func best<Form>(of forms: [Form], _ covers: (MediaRange, Form) -> Bool) -> Form? {
    var best: (form: Form, quality: Double)?
    for form in forms {
      // The most exact range speaks for a form: in `text/plain;q=0, */*` the type itself.
      let range = filter { covers($0, form) }.min { $0.breadth < $1.breadth }
      guard let quality = range?.quality, quality > best?.quality ?? 0 else { continue }
      best = (form, quality)
    }
    return best?.form
  }
}
