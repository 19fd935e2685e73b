import Foundation
import Handwriting
import ImageKit
import Synchronization
import TestKit

/// A model that "reads" the size of an image, holds still when told to, and cannot read images that begin black.
final class FakeReader: WordReader {
  struct Unreadable: Error {}

  /// The sizes of the batches that it was asked to read, each told before it is read.
  let batches = Mailbox<Int>()
  private let gate = Gate()
  private let fails = Mutex(false)

  /// Makes every reading fail from now on, or no more.
  func fail(_ all: Bool) { fails.withLock { $0 = all } }
  func hold() { gate.close() }
  func release() { gate.open() }

  func read(_ words: [GreyImage], options: ReadingOptions) throws -> [WordReading] {
    batches.send(words.count)
    gate.pass()
    if fails.withLock({ $0 }) || words.contains(where: { $0.pixels[0] == 0 }) { throw Unreadable() }
    return words.map { word in
      let text = "\(word.width)x\(word.height)"
      return WordReading(
        best: .init(text: text, confidence: 0.9),
        characters: options.characters ? text.map { .init(text: String($0), confidence: 0.95) } : [],
        alternatives: (0..<options.alternatives).map { .init(text: "other \($0)", confidence: 0.1) })
    }
  }
}

/// Lets threads through while it is open.
final class Gate: @unchecked Sendable {
  // Safe: `isOpen` is only touched with the condition's lock held.
  private let condition = NSCondition()
  private var isOpen = true

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  func close() { condition.withLock { isOpen = false } }
  func pass() { condition.withLock { while !isOpen { condition.wait() } } }
}
