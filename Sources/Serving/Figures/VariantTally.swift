import Synchronization

/// Counts what a variant does, from any event loop. It lives as long as its endpoint, whatever routes are published.
final class VariantTally: Sendable {
  /// One request that has ended.
  struct Entry {
    var error: VariantFigures.ErrorKind?
    var retries = 0
    var totalSeconds = 0.0
    /// nil: it came to no worker.
    var queueSeconds: Double?
    var computeSeconds: Double?
    var bytesIn = 0
    var bytesOut = 0
  }

  private let counted = Mutex(VariantFigures())

  func add(_ entry: Entry) {
    counted.withLock { figures in
      figures.requests += 1
      if let error = entry.error { figures.errors[error, default: 0] += 1 }
      figures.retries += entry.retries
      figures.total.add(entry.totalSeconds)
      if let seconds = entry.queueSeconds { figures.queue.add(seconds) }
      if let seconds = entry.computeSeconds { figures.compute.add(seconds) }
      figures.bytesIn += entry.bytesIn
      figures.bytesOut += entry.bytesOut
    }
  }

  var figures: VariantFigures { counted.withLock { $0 } }
}
