/// Why nothing could be drawn or written. `description` says what was asked, what is in the way and what helps.
public struct SynthesisError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    case noFonts, unreadableFont, noTexts, noGlyphs, folderInUse, impossibleSize, rasterizer
  }

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
