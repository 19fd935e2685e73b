import HostKit
public import JSONKit
import Launching
import Lifecycles
import Persistence
import Resources
import Synchronization
public import Wire

/// A request to wait for jobs.
public struct WaitRequest: Sendable {
  let names: [String]
  let isAny: Bool
  let seconds: Double

  public init(body: [UInt8], longest: Double) throws(ServiceError) {
    let json: JSON
    do { json = try JSON(parsing: body) } catch {
      throw ServiceError(.serialization, "The request's body is \(error).")
    }
    var reader = ShapeReader()
    names =
      reader.strings(
        json, "TrainingJobNames", at: "trainingJobNames", count: 1...1000, length: 1...63, required: true) ?? []
    isAny = reader.choice(json, "Mode", at: "mode", of: ["all", "any"]) == "any"
    seconds = min(longest, max(0, json["TimeoutSeconds"]?.number ?? longest))
    try reader.finish()
  }
}

/// Watching and waiting: answered by the event itself, never by looking again and again.
extension TrainingJobService {
  /// The record as soon as it is newer than the given version, or as it is when the time is over.
  public func watch(
    _ name: String, newerThan version: Int64?, seconds: Double
  ) async throws(ServiceError) -> JSON {
    let changes = wakeBoard.changes(of: [name])
    if let version {
      _ = try await wakeBoard.isTrue(within: seconds, lookingAgainAt: changes) { [self] in
        let job = try await job(named: name)
        // A job that has ended will not get newer.
        return job.version > version || job.status.isTerminal
      }
    }
    return try await report(on: job(named: name))
  }

  /// Waits until all (or any) of the jobs have ended, or the time is over.
  public func wait(for request: WaitRequest) async throws(ServiceError) -> JSON {
    let changes = wakeBoard.changes(of: request.names)
    let open = Mutex(Set(request.names))
    let isDone = try await wakeBoard.isTrue(within: request.seconds, lookingAgainAt: changes) { [self] in
      for name in open.withLock({ $0 }) where try await job(named: name).status.isTerminal {
        if request.isAny { return true }
        open.withLock { _ = $0.remove(name) }
      }
      return open.withLock { $0.isEmpty }
    }
    var summaries: [JSON] = []
    for name in request.names {
      let job = try await job(named: name)
      summaries.append(
        .members([
          "TrainingJobName": .string(name), "TrainingJobStatus": .string(job.status.rawValue),
          "SecondaryStatus": .string(job.secondaryStatus.rawValue),
          "FailureReason": job.failureReason.map { .string($0) },
        ]))
    }
    return ["Done": .bool(isDone), "TrainingJobs": .array(summaries)]
  }

  /// The log's bytes from an offset; with `follows` until the job has ended and every byte is told.
  public func log(_ name: String, from offset: UInt64, follows: Bool) async throws(ServiceError) -> ResourceLog {
    let subscription = wakeBoard.subscribe(to: [name])
    let job = try await job(named: name)
    do {
      // A job in line has no folder yet, and one that was stopped there never will.
      if !job.status.isTerminal { try Files.makeFolder(home.job(name)) }
    } catch { throw ServiceError(.internalFailure, "\(error)") }
    guard Files.exists(home.job(name)) else { return ResourceLog(follower: nil, subscription: subscription) }
    let follower = logWatch.follow(path: home.log(name), from: offset)
    let log = ResourceLog(follower: follower, subscription: subscription)
    guard follows, !job.status.isTerminal else {
      follower.end()
      return log
    }
    workQueue.add { [engine] in
      await ResourceLog.end(follower, at: subscription) {
        // A record that is gone or cannot be read ends the stream; a client whose job goes on asks again.
        (try? await engine.job(named: name))?.status.isTerminal ?? true
      }
    }
    return log
  }

  public func metrics(_ name: String) async throws(ServiceError) -> JSON {
    let job = try await job(named: name)
    let points: [MetricPoint]
    do { points = try await store.metrics(ofJob: job.id) } catch { throw ServiceError(error) }
    var series: [(name: String, points: [JSON])] = []
    for point in points {
      let pair: JSON = [.number(point.at.seconds), .number(point.value)]
      if series.last?.name == point.name {
        series[series.count - 1].points.append(pair)
      } else {
        series.append((point.name, [pair]))
      }
    }
    return [
      "Metrics": .array(series.map { ["MetricName": .string($0.name), "Points": .array($0.points)] })
    ]
  }

  public func events(_ name: String) async throws(ServiceError) -> JSON {
    let job = try await job(named: name)
    let events: [EventRecord]
    do { events = try await store.events(of: job) } catch { throw ServiceError(error) }
    return .events(events)
  }

  /// What SageMaker's answer has no member for stands beside it, under "Htr".
  private func report(on job: TrainingJob) async -> JSON {
    let resources = job.demand
    let reason = await engine.waitingReason(of: job)
    return [
      "Version": .integer(job.version), "TrainingJob": job.describeJSON(now: .now()),
      "Htr": .members([
        "ModelArtifactSha256": job.model.map { .string($0.sha256) },
        "ModelArtifactPath": job.model.map { .string($0.path) },
        "OutputArtifactSha256": job.output.map { .string($0.sha256) },
        "OutputArtifactPath": job.output.map { .string($0.path) },
        "PendingReason": reason.map { .string($0) }, "Priority": .integer(Int64(job.priority)),
        "Runtime": runtimeName(of: job).map { .string($0) },
        "Resources": .members([
          "Cpus": .integer(Int64(resources.cpus)), "MemoryBytes": .integer(resources.memoryBytes),
          "Gpus": .integer(Int64(resources.gpus)), "Note": resources.note.map { .string($0) },
        ]),
        "Attempts": .array(job.attempts.map(\.reportJSON)), "LogPath": .string(home.log(job.name)),
      ]),
    ]
  }

  private func runtimeName(of job: TrainingJob) -> String? {
    // A job whose image was taken out of the settings since has no runtime to tell.
    guard let request = try? CreateTrainingJobRequest(json: job.request) else { return nil }
    return (try? catalog.runtime(for: request))?.name
  }
}

extension TrainingJob.Attempt {
  fileprivate var reportJSON: JSON {
    .members([
      "Number": .integer(Int64(number)), "StartedAt": startedAt.map { .number($0.seconds) },
      "EndedAt": endedAt.map { .number($0.seconds) }, "ExitCode": exitCode.map { .integer(Int64($0)) },
      "Signal": signal.map { .integer(Int64($0)) }, "CpuSeconds": cpuSeconds.map { .number($0) },
      "PeakMemoryBytes": peakMemoryBytes.map { .integer($0) },
    ])
  }
}
