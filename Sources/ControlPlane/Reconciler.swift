import ArtifactStore
import HostKit
import Logging
import Persistence
import Resources

/// Brings record and reality together at the start: whatever a crash left half done is taken up where it stands.
struct Reconciler {
  let parts: DaemonParts
  let engine: TrainingJobEngine
  let supervisor: AttemptSupervisor
  let endpointEngine: EndpointEngine
  let endpointSupervisor: EndpointSupervisor
  let transformEngine: TransformJobEngine
  let transformSupervisor: TransformSupervisor

  /// Hands every job that has not ended to the engine, and removes what belongs to nobody. Returns the names of jobs
  /// whose records cannot be read: they are kept and left alone.
  func run() async throws(ServiceStartError) -> [String] {
    do {
      // Before anything is prepared or published: nobody has anything in these folders yet.
      try parts.layouts.discard(to: parts.home.trash)
      let trash = try Files.names(in: parts.home.trash)
      try parts.buckets.discardUnfinishedWrites()
      let (jobs, unreadable) = try parts.store.activeTrainingJobs()
      for name in unreadable {
        parts.logger.error("a job's record cannot be read; it is kept and left alone", metadata: ["job": "\(name)"])
      }
      await engine.resume(jobs, attempts: supervisor)
      let (transforms, unreadableTransforms) = try parts.store.activeTransformJobs()
      let unreadableEndpoints = try await resumeEndpoints(
        keepingModelsOf: unreadableTransforms.isEmpty ? transforms : nil)
      try await resume(transforms, unreadable: unreadableTransforms)
      let (home, store, logger) = (parts.home, parts.store, parts.logger)
      parts.workQueue.add { [threads = parts.quickThreads, layouts = parts.layouts] in
        do {
          try await threads.run { try layouts.stock() }
          let known = try await store.allTrainingJobNames()
          try await threads.run { try Self.removeLeftovers(home, trash: trash, known: known) }
        } catch {
          logger.warning("cannot remove left-over folders", metadata: ["error": "\(error)"])
        }
      }
      return unreadable + unreadableEndpoints + unreadableTransforms
    } catch {
      throw ServiceStartError("The state in \(parts.home.path) cannot be taken up: \(error)")
    }
  }

  /// Every endpoint goes on where it stands; folders of endpoints that nobody knows belong to deleted ones.
  /// - Parameter transforms: jobs whose models are kept too; nil keeps all models.
  private func resumeEndpoints(keepingModelsOf transforms: [TransformJob]?) async throws -> [String] {
    try parts.models.discardUnfinished()
    let (endpoints, unreadable) = try parts.store.allEndpoints()
    for name in unreadable {
      parts.logger.error(
        "an endpoint's record cannot be read; it is kept and left alone", metadata: ["endpoint": "\(name)"])
    }
    // Unpacked models are kept as long as the daemon runs; now those go that nobody serves.
    if unreadable.isEmpty, let transforms {
      let digests = transforms.flatMap(\.containers).compactMap(\.sha256)
      _ = try parts.models.retain(only: Set(endpoints.flatMap(\.digests) + digests))
    }
    await endpointEngine.resume(endpoints, workers: endpointSupervisor)
    let known = Set(endpoints.map(\.name) + unreadable)
    for name in try Files.names(in: parts.home.endpoints) where !known.contains(name) {
      parts.workQueue.add { [endpointSupervisor] in await endpointSupervisor.endLeftovers(of: name) }
    }
    return unreadable
  }

  /// Every transform job goes on where it stands.
  private func resume(_ jobs: [TransformJob], unreadable: [String]) async throws {
    for name in unreadable {
      parts.logger.error(
        "a transform job's record cannot be read; it is kept and left alone", metadata: ["transform-job": "\(name)"])
    }
    await transformEngine.resume(jobs, runs: transformSupervisor)
  }

  /// Deleting a job moves its folder to the trash first and its row out next; what a crash left of that goes now.
  private static func removeLeftovers(_ home: Home, trash: [String], known: Set<String>) throws {
    for name in trash { try Files.remove("\(home.trash)/\(name)") }
    for name in try Files.names(in: home.jobs) where !known.contains(name) {
      // A job that was created since the names were read is younger than this daemon.
      guard let status = try Files.status(home.job(name)),
        Timestamp.now().milliseconds - status.modified.milliseconds > 600_000
      else { continue }
      try Files.remove(home.job(name))
    }
  }
}

extension Endpoint {
  /// Of the archives that its workers run from.
  var digests: [String] {
    [deployed, incoming].compactMap { $0 }.flatMap(\.variants).flatMap(\.containers).compactMap(\.sha256)
  }
}
