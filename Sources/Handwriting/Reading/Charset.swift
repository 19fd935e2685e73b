public import JSONKit

/// The characters that a recogniser can write, in the order of its output classes. Class 0 is the blank of CTC; class
/// `i` is `characters[i - 1]`.
///
/// A character is what people count as one (a grapheme cluster), and two spellings of the same one (`é` as one scalar or
/// as two) are one class.
public struct Charset: Sendable, Equatable {
  public static let blank: Int32 = 0
  public static let maximumCount = 2_000

  public let characters: [Character]
  private let classes: [Character: Int32]

  /// - Throws: when a character stands twice, or there are none or more than `maximumCount`.
  public init(characters: [Character]) throws(ModelFileError) {
    guard (1...Self.maximumCount).contains(characters.count) else {
      let bounds = "1 to \(Self.maximumCount)"
      throw ModelFileError("the character set", "it has \(characters.count) characters; expected \(bounds)")
    }
    var classes: [Character: Int32] = [:]
    for (index, character) in characters.enumerated() {
      guard classes.updateValue(Int32(index + 1), forKey: character) == nil else {
        throw ModelFileError("the character set", "\"\(character)\" stands in it twice")
      }
    }
    self.characters = characters
    self.classes = classes
  }

  /// Every character of the texts, in the order of their Unicode scalars: the same texts in any order give the same
  /// set.
  public init(texts: some Sequence<String>) throws(ModelFileError) {
    var found: [Character: Character] = [:]
    for text in texts {
      for character in text {
        if let known = found[character], !character.isSpelledBefore(known) { continue }
        found[character] = character
      }
      // Bounded while it grows: hostile texts may hold millions of characters.
      if found.count > Self.maximumCount { break }
    }
    try self.init(characters: found.values.sorted { $0.isSpelledBefore($1) })
  }

  /// All classes, the blank among them: the width of a recogniser's output.
  public var classCount: Int { characters.count + 1 }

  /// The class of each character; nil when one is not in the set.
  public func encode(_ text: String) -> [Int32]? {
    var result: [Int32] = []
    result.reserveCapacity(text.utf8.count)
    for character in text {
      guard let index = classes[character] else { return nil }
      result.append(index)
    }
    return result
  }

  /// The text of these classes; the blank and numbers that are no class stand for nothing.
  public func decode(_ classes: some Sequence<Int32>) -> String {
    var text = ""
    for index in classes where index > 0 && Int(index) <= characters.count { text.append(characters[Int(index) - 1]) }
    return text
  }

  public static func == (left: Charset, right: Charset) -> Bool { left.characters == right.characters }
}

extension Charset {
  /// An array of strings, one per character in order; the blank is not written.
  public var json: JSON { .array(characters.map { .string(String($0)) }) }

  public init(json: JSON) throws(ModelFileError) {
    guard let items = json.array, items.count <= Self.maximumCount else {
      throw ModelFileError("the character set", "it is not a JSON array of at most \(Self.maximumCount) strings")
    }
    var characters: [Character] = []
    for item in items {
      guard let text = item.string, text.count == 1, let character = text.first else {
        throw ModelFileError("the character set", "item \(characters.count) is not a string of one character")
      }
      characters.append(character)
    }
    try self.init(characters: characters)
  }
}

extension Character {
  fileprivate func isSpelledBefore(_ other: Character) -> Bool {
    unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
  }
}
