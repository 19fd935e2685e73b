import Handwriting
import ImageKit

/// A request's number in this process.
typealias Ticket = UInt64

/// The words that wait for the reader, and what to do next. Pure: time comes in as a value.
struct ReadingQueue {
  typealias Instant = ContinuousClock.Instant

  /// One word of one request.
  struct Word {
    let ticket: Ticket
    /// The word's place in its request.
    let index: Int
    let image: GreyImage
    let options: ReadingOptions
    let arrived: Instant
  }

  enum Step {
    /// Read these in one call. The reader counts as busy until `finish` is called.
    case read([Word])
    /// Call `gatheringEnded` at this time, then ask again. Said once; asked before, the answer is `rest`.
    case wait(until: Instant)
    case rest
  }

  let limits: BatchingLimits
  private var words: [Word] = []
  private var isReading = false
  /// Words of the batch read before, while the reader has not rested since: so many may well come again.
  private var expected = 0
  private var isGathering = false

  init(limits: BatchingLimits) { self.limits = limits }

  var count: Int { words.count }

  /// - Returns: false, and nothing is added, when there is no room for all of them.
  mutating func add(_ images: [GreyImage], of ticket: Ticket, options: ReadingOptions, at now: Instant) -> Bool {
    guard words.count + images.count <= limits.maximumWaiting else { return false }
    words += images.enumerated().map {
      Word(ticket: ticket, index: $0.offset, image: $0.element, options: options, arrived: now)
    }
    return true
  }

  /// Forgets a request's words that are not being read.
  mutating func drop(_ ticket: Ticket) {
    words.removeAll { $0.ticket == ticket }
    rest()
  }

  /// The batch is read.
  mutating func finish() {
    isReading = false
    rest()
  }

  mutating func gatheringEnded() { isGathering = false }

  /// What to do now. An idle reader starts with the first word; after a batch it waits for as many words as it has just
  /// read, for the senders that got an answer may be about to come back, but never longer than the bound.
  mutating func step(at now: Instant) -> Step {
    guard !isReading, let first = words.first else { return .rest }
    let due = first.arrived + limits.maximumDelay
    guard words.count >= min(expected, limits.maximumBatch) || now >= due else {
      defer { isGathering = true }
      return isGathering ? .rest : .wait(until: due)
    }
    return .read(takeBatch(options: first.options))
  }

  private mutating func rest() {
    if words.isEmpty && !isReading { expected = 0 }
  }

  /// The first words that want the same told: what a reader finds may depend on what it is asked.
  private mutating func takeBatch(options: ReadingOptions) -> [Word] {
    var batch: [Word] = []
    var others: [Word] = []
    for word in words {
      if batch.count < limits.maximumBatch && word.options == options {
        batch.append(word)
      } else {
        others.append(word)
      }
    }
    words = others
    isReading = true
    expected = batch.count
    return batch
  }
}
