import Dispatch
import Synchronization

/// Threads for work that takes long enough to hold others up (decoding), away from event loops and from the few threads
/// that all tasks share.
struct Workbenches: Sendable {
  private let benches: [DispatchQueue]
  private let turn = Turn()

  private final class Turn: Sendable {
    let next = Atomic<Int>(0)
  }

  init(count: Int) {
    benches = (0..<max(1, count)).map { DispatchQueue(label: "htr.decoding.\($0)", qos: .userInitiated) }
  }

  /// Does the work on one of the threads, after what came before it there.
  func run<Answer: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Answer
  ) async throws(Failure) -> Answer {
    let (_, turn) = turn.next.wrappingAdd(1, ordering: .relaxed)
    let bench = benches[Int(UInt(bitPattern: turn) % UInt(benches.count))]
    let result: Result<Answer, Failure> = await withCheckedContinuation { continuation in
      bench.async {
        do throws(Failure) {
          continuation.resume(returning: .success(try work()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
