public import ImageKit

/// What a reader is asked to tell beside the text.
public struct ReadingOptions: Sendable, Equatable {
  /// Confidence of each character.
  public var characters: Bool
  /// How many further texts, best first; 0...`maximumAlternatives`.
  public var alternatives: Int

  public static let maximumAlternatives = 10

  public init(characters: Bool = false, alternatives: Int = 0) {
    self.characters = characters
    self.alternatives = alternatives
  }
}

/// What was read in the image of one word.
public struct WordReading: Sendable, Equatable {
  /// One text that the image may carry, with its probability as the model sees it, in 0...1.
  public struct Candidate: Sendable, Equatable {
    public var text: String
    public var confidence: Double

    public init(text: String, confidence: Double) {
      self.text = text
      self.confidence = confidence
    }
  }

  public var best: Candidate
  /// One per character of `best.text`; empty unless asked for.
  public var characters: [Candidate]
  /// Further candidates, best first; empty unless asked for.
  public var alternatives: [Candidate]

  public init(best: Candidate, characters: [Candidate] = [], alternatives: [Candidate] = []) {
    self.best = best
    self.characters = characters
    self.alternatives = alternatives
  }
}

/// A loaded recognition model. What it reads does not depend on what else is in the batch.
public protocol WordReader: Sendable {
  /// Reads each image of one upright word (dark ink on light paper, as it was photographed).
  /// - Returns: one reading per image, in order.
  func read(_ words: [GreyImage], options: ReadingOptions) throws -> [WordReading]
}
