import HostKit

/// The hands at one's disposal, one family as likely as another however many cuts it has.
struct FontChoice: Sendable {
  private let families: [[HandwritingFont]]

  init(_ fonts: [HandwritingFont]) {
    let byFamily = Dictionary(grouping: fonts, by: \.family)
    families = byFamily.keys.sorted().compactMap { byFamily[$0] }
  }

  /// A font that can write all of `text`; nil when none can.
  func font(for text: String, using random: inout SeededRandom) -> HandwritingFont? {
    guard !families.isEmpty else { return nil }
    for _ in 0..<8 {
      let font = random.element(of: random.element(of: families))
      if font.canWrite(text) { return font }
    }
    let able = families.joined().filter { $0.canWrite(text) }
    return able.isEmpty ? nil : random.element(of: able)
  }

  func canWrite(_ text: String) -> Bool { families.contains { $0.contains { $0.canWrite(text) } } }
}
