public import Handwriting

/// How well the words of pages were found: the ICDAR 2015 protocol (polygons with an intersection over union of 0.5 or
/// more, one to one, unreadable words neither wanted nor punished) and COCO's average precision by the same polygons.
public struct DetectionScores: Sendable {
  /// Over all pages.
  public private(set) var overall = DetectionRates()
  /// Apart for each collection that pages come from.
  public private(set) var collections: [String: DetectionRates] = [:]
  /// In the order of adding.
  private var pages: [PageRecord] = []

  private struct PageRecord: Sendable {
    let collection: String?
    let rates: DetectionRates
    let ranking: PageRanking
  }

  public init() {}

  public var pageCount: Int { pages.count }

  /// - Parameter collection: where the page comes from; nil counts in `overall` only.
  public mutating func add(truth: [WordAnnotation], found: [WordRegion], collection: String? = nil) {
    let matching = DetectionMatching(truth: truth, found: found)
    let rates = DetectionRates(
      matched: matching.matches().count, truth: matching.counts.count { $0 },
      found: matching.isIgnored.count { !$0 })
    overall = overall + rates
    if let collection { collections[collection] = collections[collection, default: DetectionRates()] + rates }
    pages.append(PageRecord(collection: collection, rates: rates, ranking: PageRanking(matching)))
  }

  /// - Parameter collection: nil for all pages.
  public func averagePrecision(of collection: String? = nil) -> AveragePrecision {
    AveragePrecision(of: pages.filter { collection == nil || $0.collection == collection }.map(\.ranking))
  }

  /// Between which bounds precision, recall and hmean would lie on other pages of the same kind (95 %).
  /// - Parameter collection: nil for all pages.
  /// - Returns: nil for fewer than `PageResampling.leastPages`.
  public func interval(of collection: String? = nil, seed: UInt64) -> DetectionIntervals? {
    let rates = pages.filter { collection == nil || $0.collection == collection }.map(\.rates)
    guard rates.count >= PageResampling.leastPages else { return nil }
    let resampling = PageResampling(pages: rates.count, seed: seed)
    let sums = resampling.sums(of: rates, from: DetectionRates()) { $0 = $0 + $1 }
    return DetectionIntervals(
      precision: PageResampling.interval(sums.map(\.precision)), recall: PageResampling.interval(sums.map(\.recall)),
      hmean: PageResampling.interval(sums.map(\.hmean)))
  }
}

/// 95 % bootstrap intervals over pages.
public struct DetectionIntervals: Sendable, Equatable {
  public let precision: ClosedRange<Double>
  public let recall: ClosedRange<Double>
  public let hmean: ClosedRange<Double>
}
