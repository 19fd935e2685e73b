import HostKit

/// Small sources repeated until each makes a share of the training: a model is wanted for all of them, not for the
/// largest.
enum SourceBalance {
  private static let mostRepeats = 8

  /// - Parameter sources: where each page or word comes from.
  /// - Returns: the places of all of them, and then of those that are shown again.
  static func places(of sources: [String?], leastShare: Double) -> [Int] {
    var places = Array(sources.indices)
    let bySource = Dictionary(grouping: places) { sources[$0] ?? "" }
    guard bySource.count > 1, leastShare > 0 else { return places }
    for (_, own) in bySource.sorted(by: { $0.key < $1.key }) {
      let wanted = leastShare * Double(sources.count) / Double(own.count)
      let times = min(mostRepeats, max(1, Int(wanted.rounded())))
      for _ in stride(from: 1, to: times, by: 1) { places += own }
    }
    return places
  }
}

/// Which of the training's pages or words are held out to choose the best weights by.
enum HeldOut {
  /// - Parameter share: 0 holds nothing out.
  static func places(of count: Int, share: Double, seed: UInt64) -> Set<Int> {
    guard share > 0, count > 1 else { return [] }
    var random = SeededRandom(seed: seed, stream: 0x5A11D)
    let chosen = min(count / 2, max(1, Int(Double(count) * share)))
    return Set((0..<count).shuffled(using: &random).prefix(chosen))
  }
}
