import HostKit

extension Manifest {
  /// Parts pages into training and test. All pages of one image (`source`) go to the same side; which side does not
  /// depend on the order of the pages, and changes for few of them when pages are added.
  /// - Parameter testShare: share of the images, in 0...1. From two images on, a share above 0 and below 1 leaves at
  ///   least one image on each side.
  public static func split(
    _ pages: [PageAnnotation], testShare: Double, seed: UInt64
  ) -> (train: [PageAnnotation], test: [PageAnnotation]) {
    let share = min(max(testShare, 0), 1)
    let ranked = Set(pages.map(\.source)).map { (rank: rank(of: $0, seed: seed), source: $0) }
      .sorted { ($0.rank, $0.source) < ($1.rank, $1.source) }
    var count = Int((Double(ranked.count) * share).rounded())
    if share > 0, share < 1, ranked.count >= 2 { count = min(max(count, 1), ranked.count - 1) }
    let chosen = Set(ranked.prefix(count).map(\.source))
    return (pages.filter { !chosen.contains($0.source) }, pages.filter { chosen.contains($0.source) })
  }

  /// A number that looks drawn by chance, the same for the same image and seed on every machine.
  private static func rank(of source: String, seed: UInt64) -> UInt64 {
    // FNV-1a: Swift's own hashes differ from run to run.
    let hash = source.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var random = SeededRandom(seed: seed, stream: hash)
    return random.next()
  }
}
