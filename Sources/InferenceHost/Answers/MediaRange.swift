import Foundation

/// One media type or range of a header, such as `text/*;q=0.5`.
struct MediaRange: Equatable {
  /// Without parameters, in lower case.
  let name: String
  /// How much it is wanted: 0 (not at all) to 1.
  let quality: Double

  init(_ text: some StringProtocol) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    name = parts[0]
    quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
  }

  func covers(_ type: String) -> Bool {
    name == "*/*" || name == type || (name.hasSuffix("/*") && type.hasPrefix(name.dropLast(1)))
  }
}
