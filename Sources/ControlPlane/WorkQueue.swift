/// Starts pieces of work that outlive the call that asked for them, and owns them: when the daemon ends they are
/// cancelled and awaited. The one place where such work begins.
final class WorkQueue: Sendable {
  typealias Work = @Sendable () async -> Void

  private let stream: AsyncStream<Work>
  private let continuation: AsyncStream<Work>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: Work.self) }

  func add(_ work: @escaping Work) { continuation.yield(work) }

  /// Runs what is added until the surrounding task is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for await work in stream { group.addTask { await work() } }
      group.cancelAll()
    }
  }

  func close() { continuation.finish() }
}
