import Handwriting
import ImageKit
import Pages
import Segmentation
import Synchronization
import TestKit

@testable import InferenceHost

/// Finds two words on one line and one on the next, at fixed shares of the page; holds still when told to, and fails on
/// pages that begin black. On a page without any ink there is nothing.
final class FakeLocaliser: WordLocaliser {
  struct Unreadable: Error {}

  /// The sizes of the pages that it was asked for, each told before it looks.
  let pages = Mailbox<String>()
  private let gate = Gate()
  private let fails = Mutex(false)

  func fail(_ all: Bool) { fails.withLock { $0 = all } }
  func hold() { gate.close() }
  func release() { gate.open() }

  func locate(_ page: GreyImage) throws -> [WordRegion] {
    pages.send("\(page.width)x\(page.height)")
    gate.pass()
    if fails.withLock({ $0 }) || page.pixels[0] == 0 { throw Unreadable() }
    guard page.pixels.contains(where: { $0 != 255 }) else { return [] }
    return [(0.1, 0.1), (0.5, 0.1), (0.1, 0.5)].map { place in
      let (left, top) = (place.0 * Double(page.width), place.1 * Double(page.height))
      let (right, bottom) = (left + 0.3 * Double(page.width), top + 0.1 * Double(page.height))
      let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
      return WordRegion(polygon: corners.map { Point(x: $0.0, y: $0.1) }, score: 0.75)
    }
  }
}

/// Runs a worker for pages, with a reader unless told otherwise.
func withPageWorker(
  _ localiser: FakeLocaliser = FakeLocaliser(), reader: FakeReader? = FakeReader(),
  waitUntilReady: Bool = true,
  settings: InferenceSettings = pageSettings { _ in },
  _ body: @escaping @Sendable (TestWorker<ServedPages>) async throws -> Void
) async throws {
  try await withModel(settings: settings, waitUntilReady: waitUntilReady) {
    localiser.release()
  } load: {
    ServedPages(reader: PageReader(localiser: localiser, reader: reader))
  } body: {
    try await body($0)
  }
}

func pageSettings(_ change: (inout InferenceSettings) -> Void) -> InferenceSettings {
  var settings = InferenceSettings.pages(at: .unixSocket(path: "/"))
  change(&settings)
  return settings
}
