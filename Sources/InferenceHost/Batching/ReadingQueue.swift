/// A request's number in this process.
typealias Ticket = UInt64

/// The items (words, or pages) that wait for the model, and what to do next. Pure: time comes in as a value.
struct ReadingQueue<Item: Sendable, Options: Equatable & Sendable> {
  typealias Instant = ContinuousClock.Instant

  /// One item of one request.
  struct Place {
    let ticket: Ticket
    /// The item's number in its request.
    let index: Int
    let item: Item
    let options: Options
    let arrived: Instant
  }

  enum Step {
    /// Read these in one call. The reader counts as busy until `finish` is called.
    case read([Place])
    /// Call `gatheringEnded` at this time, then ask again. Said once; asked before, the answer is `rest`.
    case wait(until: Instant)
    case rest
  }

  let limits: BatchingLimits
  private var places: [Place] = []
  private var isReading = false
  /// Items of the batch read before, while the reader has not rested since: so many may well come again.
  private var expected = 0
  private var isGathering = false

  init(limits: BatchingLimits) { self.limits = limits }

  var count: Int { places.count }

  /// - Returns: false, and nothing is added, when there is no room for all of them.
  mutating func add(_ items: [Item], of ticket: Ticket, options: Options, at now: Instant) -> Bool {
    guard places.count + items.count <= limits.maximumWaiting else { return false }
    places += items.enumerated().map {
      Place(ticket: ticket, index: $0.offset, item: $0.element, options: options, arrived: now)
    }
    return true
  }

  /// Forgets a request's items that are not being read.
  mutating func drop(_ ticket: Ticket) {
    places.removeAll { $0.ticket == ticket }
    rest()
  }

  /// The batch is read.
  mutating func finish() {
    isReading = false
    rest()
  }

  mutating func gatheringEnded() { isGathering = false }

  /// What to do now. An idle model starts with the first item; after a batch it waits for as many as it has just
  /// read, for the senders that got an answer may be about to come back, but never longer than the bound.
  mutating func step(at now: Instant) -> Step {
    guard !isReading, let first = places.first else { return .rest }
    let due = first.arrived + limits.maximumDelay
    guard places.count >= min(expected, limits.maximumBatch) || now >= due else {
      defer { isGathering = true }
      return isGathering ? .rest : .wait(until: due)
    }
    return .read(takeBatch(options: first.options))
  }

  private mutating func rest() {
    if places.isEmpty && !isReading { expected = 0 }
  }

  /// The first items that want the same told: what a model finds may depend on what it is asked.
  private mutating func takeBatch(options: Options) -> [Place] {
    var batch: [Place] = []
    var others: [Place] = []
    for place in places {
      if batch.count < limits.maximumBatch && place.options == options {
        batch.append(place)
      } else {
        others.append(place)
      }
    }
    places = others
    isReading = true
    expected = batch.count
    return batch
  }
}
