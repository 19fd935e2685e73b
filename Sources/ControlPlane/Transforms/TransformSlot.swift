import Lifecycles
import Resources
import Wire

/// What a transform job needs of the machine while it works: it waits in the same line as training jobs.
struct TransformSlot: SlotClaimant, Sendable {
  let id: Int64
  /// No name of a training job begins so.
  let name: String
  let priority: Int
  let demand: ResourceDemand

  /// All its workers together, or the whole machine if they want more.
  init(_ job: TransformJob, _ request: CreateTransformJobRequest, _ machine: Machine) throws(ServiceError) {
    id = job.id
    name = "/transform-jobs/\(job.name)"
    priority = 0
    let (one, all) = (try machine.demand(of: request.instanceType), machine.capacity)
    let count = request.instanceCount
    demand = ResourceDemand(
      cpus: min(one.cpus * count, all.cpus), memoryBytes: min(one.memoryBytes * Int64(count), all.memoryBytes),
      gpus: min(one.gpus * count, all.gpus))
  }
}
