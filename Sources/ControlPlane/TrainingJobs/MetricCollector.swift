import HostKit
import JSONKit
import Launching
import Logging
import PatternKit
import Persistence
import Resources
import Wire

/// Reads a job's log as it grows and stores what its metric definitions find, from where an earlier reading ended.
final class MetricCollector: Sendable {
  private let jobID: Int64
  private let name: String
  private let definitions: [(name: String, pattern: Pattern)]
  private let log: String
  private let index: LogIndex
  private let store: Store
  private let logger: Logger
  private let finished = Gate()
  private let follower: LogFollower
  private let start: Int64

  /// nil when the job defines no metrics.
  init?(job: TrainingJob, home: Home, store: Store, logWatch: LogWatch, logger: Logger) async {
    let definitions = (job.request["AlgorithmSpecification"]?["MetricDefinitions"]?.array ?? [])
      .compactMap { item -> (name: String, pattern: Pattern)? in
        // Every definition compiled when the job was created.
        guard let name = item["Name"]?.string, let regex = item["Regex"]?.string,
          let pattern = try? Pattern(regex)
        else { return nil }
        return (name: name, pattern: pattern)
      }
    guard !definitions.isEmpty else { return nil }
    self.definitions = definitions
    jobID = job.id
    name = job.name
    log = home.log(job.name)
    index = LogIndex(path: home.logIndex(job.name))
    self.store = store
    self.logger = logger
    // Reading again from the start repeats nothing: points are named by their place in the log.
    start = (try? await store.consumedLogBytes(ofJob: job.id)) ?? 0
    follower = logWatch.follow(path: log, from: UInt64(start))
  }

  /// Ends when `finish` was called and the log is read to its end.
  func run() async {
    var scanner = MetricScanner(definitions: definitions, startOffset: start)
    do {
      for try await chunk in follower {
        await keep(scanner.consume(chunk), consumed: scanner.consumedBytes)
      }
    } catch {
      logger.error("cannot read a job's log", metadata: ["job": "\(name)", "error": "\(error)"])
    }
    let consumed = scanner.consumedBytes
    await keep(scanner.finish(), consumed: consumed)
    if !scanner.disabled.isEmpty {
      logger.warning(
        "metric definitions were switched off: they backtrack too much",
        metadata: ["job": "\(name)", "metrics": "\(scanner.disabled)"])
    }
    finished.open()
  }

  /// The log will not grow any more: returns once all of it is read.
  func finish() async {
    follower.end()
    await finished.wait()
  }

  private func keep(_ matches: [MetricMatch], consumed: Int64) async {
    guard !matches.isEmpty else { return }
    let points = matches.map { match in
      MetricPoint(
        name: match.name, position: match.byteOffset,
        at: index.time(ofByte: UInt64(match.byteOffset)) ?? .now(), value: match.value)
    }
    while true {
      do {
        return try await store.addMetrics(points, toJob: jobID, consumedLogBytes: consumed)
      } catch {
        // Cancelled means that the daemon ends; the next one reads this part of the log again.
        if Task.isCancelled { return }
        logger.error("cannot store metrics; trying again", metadata: ["job": "\(name)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }
}
