import Foundation
import HTTPTypes

/// What the answer for a page looks like.
enum PageForm: String, CaseIterable {
  /// `ReadPage.json`. Preferred where the sender does not mind.
  case page
  /// The original notebook's `line_bbs` and `decoded`.
  case notebook
  /// The lines of text alone.
  case text

  private static let mostAttributeBytes = 1_024

  /// - Parameter hasTexts: false where words are only found: then there is no text to answer with.
  init(headers: HTTPFields, hasTexts: Bool) throws(InvocationFault) {
    let named = try Self.attribute(in: headers)
    let ranges = MediaRange.ranges(of: headers[.accept])
    let forms = hasTexts ? Self.allCases : [.page, .notebook]
    guard let accepted = ranges.best(of: forms, { $1.isCovered(by: $0) }) else {
      let text = hasTexts ? " or text/plain" : " (words are found here and not read)"
      throw InvocationFault(
        .notAcceptable,
        "Answers cannot be given as '\((headers[.accept] ?? "").prefix(100))': accept application/json, "
          + "application/json; form=notebook\(text).")
    }
    // What Accept says of the form is meant for this request, while clients set attributes once for all.
    let isExact = ranges.contains { $0.form != nil }
    self = accepted == .page && !isExact ? named ?? .page : accepted
  }

  /// Whether the sender asks for a form by its name.
  static func isNamed(in headers: HTTPFields) throws(InvocationFault) -> Bool {
    try attribute(in: headers) != nil
      || MediaRange.ranges(of: headers[.accept]).contains { $0.form != nil }
  }

  /// `form` among SageMaker's custom attributes, which have the form `key=value, key=value`.
  private static func attribute(in headers: HTTPFields) throws(InvocationFault) -> PageForm? {
    let attributes = (headers[.customAttributes] ?? "").prefix(mostAttributeBytes)
    for attribute in attributes.split(whereSeparator: { $0 == "," || $0 == ";" }) {
      let parts = attribute.split(separator: "=", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard parts.count == 2, parts[0].lowercased() == "form" else { continue }
      switch parts[1].lowercased() {
      case "page": return .page
      case "notebook": return .notebook
      default:
        throw InvocationFault(
          .badRequest,
          "The custom attribute form=\(parts[1].prefix(40)) means nothing here: there are form=page and form=notebook."
        )
      }
    }
    return nil
  }

  var contentType: String {
    switch self {
    case .page: "application/json"
    case .notebook: "application/json; form=notebook"
    case .text: "text/plain; charset=utf-8"
    }
  }

  /// Whether a range of an Accept header means this form; a JSON range without a form means the usual one.
  private func isCovered(by range: MediaRange) -> Bool {
    switch self {
    case .page: range.covers("application/json") && (range.form ?? rawValue) == rawValue
    case .notebook: range.covers("application/json") && range.form == rawValue
    case .text: range.covers("text/plain")
    }
  }
}
