import Dispatch
import Synchronization
import TensorKit
import Testing

@Suite struct WorkersTests {
  /// A subnormal number, or zero where such numbers are flushed; not folded at compile time.
  @inline(never) private static func halfOfTheLeast(_ least: Float) -> Float { least / 2 }

  @Test func `subnormal numbers are zero while networks run, and numbers as ever afterwards`() {
    let least = Float.leastNormalMagnitude
    let inside = Mutex([Float](repeating: 1, count: 4))
    runSideBySide(4) { number in
      let half = Self.halfOfTheLeast(least)
      inside.withLock { $0[number] = half }
    }
    #expect(inside.withLock { $0 } == [0, 0, 0, 0])
    #expect(Self.halfOfTheLeast(least) > 0)
    // The threads that worked are asked again, without the change.
    let after = Mutex([Float](repeating: 0, count: 4))
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      let half = Self.halfOfTheLeast(least)
      after.withLock { $0[number] = half }
    }
    #expect(after.withLock { $0.allSatisfy { $0 > 0 } })
  }
}
