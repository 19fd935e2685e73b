import Persistence
import Resources

/// Hands out a job's pending inputs, one after the other, without holding all of them.
actor TransformQueue {
  private static let pageSize = 256

  private let job: TransformJob
  private let context: TransformContext
  private let turns = Turns()
  private var page: ArraySlice<TransformInput> = []
  private var last = 0
  private var isAtEnd = false

  init(_ job: TransformJob, _ context: TransformContext) {
    self.job = job
    self.context = context
  }

  /// The next input; nil when there is none left.
  func next() async throws(CancellationError) -> TransformInput? {
    await turns.enter("page")
    defer { turns.leave("page") }
    if page.isEmpty, !isAtEnd {
      let (job, context, last) = (job, context, last)
      page = try await context.insist(on: "read a transform job's inputs") {
        try await context.store.pendingInputs(ofTransformJob: job.id, after: last, limit: Self.pageSize)
      }[...]
      isAtEnd = page.count < Self.pageSize
    }
    guard let next = page.popFirst() else { return nil }
    last = next.number
    return next
  }
}
