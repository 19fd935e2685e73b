import Launching
import Lifecycles
import Logging
import Resources
import Wire

/// Looks after the work on all transform jobs: one run for each that has not ended.
actor TransformSupervisor: TransformJobEngine.Runs {
  private let engine: TransformJobEngine
  private let context: TransformContext
  private let workQueue: WorkQueue
  private var runs: [String: TransformRun] = [:]

  init(_ parts: DaemonParts, engine: TransformJobEngine, slots: TrainingJobEngine, workers: WorkerContext) {
    self.engine = engine
    context = TransformContext(parts, engine: engine, slots: slots, workers: workers)
    workQueue = parts.workQueue
  }

  /// Told apart from the tokens of training jobs and endpoints.
  static func isToken(_ token: String) -> Bool { token.hasPrefix(WorkerPreparation.transformTokenPrefix) }

  func begin(_ job: TransformJob) {
    let run: TransformRun
    do { run = try TransformRun(job, context) } catch {
      return workQueue.add { [engine] in
        await engine.happen(
          .ended(.failed(reason: "InternalServerError: \(error.message)"), job.progress), to: job.name)
      }
    }
    runs[job.name] = run
    workQueue.add {
      await run.run()
      await self.forget(job.name)
    }
  }

  func stop(_ job: TransformJob) { runs[job.name]?.stop() }

  /// The present workers of a job, in a fixed order.
  func reports(of name: String) -> [WorkerReport] { runs[name]?.reports ?? [] }

  /// Why a job has not started; nil when it has.
  func waitingReason(of name: String) async -> String? {
    guard let slot = runs[name]?.slot else { return nil }
    return await context.slots.waitingReason(of: slot)
  }

  private func forget(_ name: String) { runs[name] = nil }
}
