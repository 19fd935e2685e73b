import Handwriting
import ImageKit
import Testing

@testable import InferenceHost

private let start = ContinuousClock.now
private let word = GreyImage(width: 1, height: 1)

extension ReadingQueue<GreyImage, ReadingOptions> {
  fileprivate mutating func add(
    _ count: Int, of ticket: Ticket, characters: Bool = false, after: Duration = .zero
  ) {
    let isAdded = add(
      Array(repeating: word, count: count), of: ticket, options: ReadingOptions(characters: characters),
      at: start + after)
    #expect(isAdded)
  }

  /// The tickets of the words to read now; nil when there is nothing to do.
  fileprivate mutating func batch(after: Duration = .zero) -> [Ticket]? {
    if case .read(let batch) = step(at: start + after) { batch.map(\.ticket) } else { nil }
  }
}

@Suite struct QueueTests {
  private func queue(_ change: (inout BatchingLimits) -> Void = { _ in }) -> ReadingQueue<
    GreyImage, ReadingOptions
  > {
    var limits = BatchingLimits()
    change(&limits)
    return ReadingQueue<GreyImage, ReadingOptions>(limits: limits)
  }

  @Test func `an idle reader starts with the first word`() {
    var queue = queue()
    #expect(queue.batch() == nil)
    queue.add(1, of: 1)
    #expect(queue.batch() == [1])
  }

  @Test func `what comes while the reader is busy is the next batch`() {
    var queue = queue()
    queue.add(1, of: 1)
    #expect(queue.batch() == [1])
    queue.add(1, of: 2)
    queue.add(2, of: 3)
    #expect(queue.batch() == nil)
    queue.finish()
    #expect(queue.batch() == [2, 3, 3])
  }

  @Test func `a batch has no more words than it may`() {
    var queue = queue { $0.maximumBatch = 2 }
    queue.add(3, of: 1)
    #expect(queue.batch() == [1, 1])
    queue.finish()
    #expect(queue.batch(after: .seconds(1)) == [1])
  }

  @Test func `words that want different things told are read apart, in their order`() {
    var queue = queue { $0.maximumDelay = .zero }
    queue.add(1, of: 1)
    queue.add(1, of: 2, characters: true)
    queue.add(1, of: 3)
    #expect(queue.batch() == [1, 3])
    queue.finish()
    #expect(queue.batch() == [2])
  }

  @Test func `after a batch the next waits for as many words, within the bound`() {
    var queue = queue()
    queue.add(3, of: 1)
    #expect(queue.batch() == [1, 1, 1])
    queue.add(1, of: 2, after: .milliseconds(10))
    queue.finish()
    guard case .wait(let until) = queue.step(at: start + .milliseconds(11)) else {
      Issue.record("it must wait")
      return
    }
    #expect(until == start + .milliseconds(12))
    #expect(queue.batch(after: .milliseconds(11)) == nil)
    queue.gatheringEnded()
    #expect(queue.batch(after: .milliseconds(12)) == [2])
  }

  @Test func `as many words as before end the waiting`() {
    var queue = queue()
    queue.add(2, of: 1)
    #expect(queue.batch()?.count == 2)
    queue.add(1, of: 2)
    queue.finish()
    #expect(queue.batch() == nil)
    queue.add(1, of: 3)
    #expect(queue.batch() == [2, 3])
  }

  @Test func `a reader that had nothing to do is idle again`() {
    var queue = queue()
    queue.add(2, of: 1)
    #expect(queue.batch()?.count == 2)
    queue.finish()
    queue.add(1, of: 2, after: .seconds(1))
    #expect(queue.batch(after: .seconds(1)) == [2])
  }

  @Test func `a request is added whole or not at all`() {
    var queue = queue { $0.maximumWaiting = 3 }
    queue.add(2, of: 1)
    let isAdded = queue.add([word, word], of: 2, options: ReadingOptions(), at: start)
    #expect(!isAdded)
    #expect(queue.count == 2)
    queue.add(1, of: 3)
    #expect(queue.batch() == [1, 1, 3])
  }

  @Test func `dropped words are not read`() {
    var queue = queue()
    queue.add(2, of: 1)
    queue.add(1, of: 2)
    queue.drop(1)
    #expect(queue.batch() == [2])
  }
}
