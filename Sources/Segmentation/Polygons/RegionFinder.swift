import ImageKit

/// Turns the maps of a segmentation network into the outlines of words.
///
/// Connected middles are the words; each grows over the cells that the text map calls text until it meets another, and
/// gets the rectangle that these cells fill (`RegionShape`). Time and memory are linear in the cells, whatever the maps
/// say, and the number of words is bounded: a page of noise costs about as much as a page of text.
public struct RegionFinder: Sendable {
  public struct Settings: Sendable, Equatable {
    /// Cells whose kernel probability is above this are the middle of a word.
    public var kernelThreshold: Float = 0.3
    /// Cells whose text probability is above this belong to the word whose middle is nearest.
    public var textThreshold: Float = 0.6
    /// Smaller middles are dropped.
    public var leastCells = 2
    /// Middles whose mean kernel probability is below this are dropped.
    public var leastKernel: Float = 0.4
    /// Middles that the text map, on the mean, gives less than this are dropped: ink that is no word.
    public var leastText: Float = 0.3
    /// A rectangle that is filled to less than this share gives way to a polygon of more corners.
    public var leastFill = 0.8
    /// Of two regions with this intersection over union only the surer is kept.
    public var mostOverlap = 0.5
    /// The surest so many are kept.
    public var mostRegions = 3_000

    public init() {}
  }

  public let settings: Settings

  public init(_ settings: Settings = .init()) { self.settings = settings }

  /// The words of a page, the surest first. The score is the geometric mean of what both maps say on the middle.
  /// - Parameters: the size of a cell in pixels of the page; the first cell starts at the page's top left corner. Cells
  ///   beyond the page (padding) are allowed, what lies there is cut off.
  public func regions(
    in maps: WordMaps, cellWidth: Double, cellHeight: Double, pageWidth: Int, pageHeight: Int
  ) -> [WordRegion] {
    let found = KernelComponents(of: maps, above: settings.kernelThreshold)
    let kept = strongest(found.pieces)
    guard !kept.isEmpty else { return [] }
    var labels = found.labels(numbering: kept)
    let shape = RegionShape(leastFill: settings.leastFill, cellWidth: cellWidth, cellHeight: cellHeight)
    let kernels = RegionOutlines(
      labels: labels, count: kept.count, values: maps.kernel, level: settings.kernelThreshold, width: maps.width,
      height: maps.height)
    var reach: [Int32] = [0]
    for (index, piece) in kept.enumerated() {
      reach.append(isText(found.pieces[piece]) ? shape.reach(of: kernels.points[index + 1]) : 0)
    }
    TextGrowth(threshold: settings.textThreshold, width: maps.width)
      .grow(&labels, over: maps.text, reach: reach)
    let grown = RegionOutlines(
      labels: labels, count: kept.count, values: maps.text, level: settings.textThreshold, width: maps.width,
      height: maps.height)

    var regions: [(region: WordRegion, outline: Polygon)] = []
    for (index, piece) in kept.enumerated() {
      let corners = shape.polygon(
        kernel: kernels.points[index + 1],
        grown: reach[index + 1] > 0 ? (grown.points[index + 1], grown.spreads[index + 1]) : nil)
      guard let corners else { continue }
      let polygon = corners.map {
        Point(x: min(max($0.x, 0), Double(pageWidth)), y: min(max($0.y, 0), Double(pageHeight)))
      }
      let outline = Polygon(polygon)
      guard outline.area >= 1 else { continue }
      regions.append((WordRegion(polygon: polygon, score: found.pieces[piece].score), outline))
    }
    var overlap = RegionOverlap(limit: settings.mostOverlap, pageWidth: pageWidth, pageHeight: pageHeight)
    return overlap.thin(regions)
  }

  /// Whether the text map knows of the word at all.
  private func isText(_ piece: KernelComponents.Piece) -> Bool {
    piece.text > settings.textThreshold * Float(piece.cells)
  }

  /// The indices of the pieces that can be words, the surest first.
  private func strongest(_ pieces: [KernelComponents.Piece]) -> [Int] {
    var likely: [(score: Double, index: Int)] = []
    for (index, piece) in pieces.enumerated() {
      let cells = Float(piece.cells)
      let isLikely =
        piece.cells >= settings.leastCells && piece.kernel >= settings.leastKernel * cells
        && piece.text >= settings.leastText * cells
      if isLikely { likely.append((piece.score, index)) }
    }
    likely.sort { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
    return likely.prefix(settings.mostRegions).map(\.index)
  }
}
