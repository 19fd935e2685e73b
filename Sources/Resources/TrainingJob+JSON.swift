import HostKit
public import JSONKit

/// The part of a job that changes, as it is stored. Unknown members are kept out; missing optional ones are nil, so that
/// records of earlier versions load.
extension TrainingJob {
  public var stateJSON: JSON {
    .members([
      "transitions": .array(transitions.map(\.json)), "attempts": .array(attempts.map(\.json)),
      "isStopRequested": isStopRequested ? .bool(true) : nil,
      "trainingStartedAt": trainingStartedAt.map { .integer($0.milliseconds) },
      "failureReason": failureReason.map { .string($0) },
      "model": model?.json, "output": output?.json,
      "finalMetrics": finalMetrics.isEmpty ? nil : .array(finalMetrics.map(\.json)),
    ])
  }

  /// Fills the changing part from its stored form; false when it is not such a form.
  public mutating func restoreState(from json: JSON) -> Bool {
    guard let transitions = json["transitions"]?.array, let attempts = json["attempts"]?.array
    else { return false }
    self.transitions = transitions.compactMap(Transition.init(json:))
    self.attempts = attempts.compactMap(Attempt.init(json:))
    guard self.transitions.count == transitions.count, self.attempts.count == attempts.count
    else { return false }
    isStopRequested = json["isStopRequested"]?.bool ?? false
    trainingStartedAt = Timestamp(json: json["trainingStartedAt"])
    failureReason = json["failureReason"]?.string
    model = json["model"].flatMap(Artifact.init(json:))
    output = json["output"].flatMap(Artifact.init(json:))
    finalMetrics = (json["finalMetrics"]?.array ?? []).compactMap(FinalMetric.init(json:))
    return true
  }
}

extension Timestamp {
  fileprivate init?(json: JSON?) {
    guard let milliseconds = json?.integer else { return nil }
    self.init(milliseconds: milliseconds)
  }
}

extension TrainingJob.Transition {
  fileprivate var json: JSON {
    .members([
      "status": .string(status.rawValue), "startedAt": .integer(startedAt.milliseconds),
      "endedAt": endedAt.map { .integer($0.milliseconds) }, "message": .string(message),
    ])
  }

  fileprivate init?(json: JSON) {
    guard let status = json["status"]?.string.flatMap(SecondaryStatus.init(rawValue:)),
      let startedAt = Timestamp(json: json["startedAt"]), let message = json["message"]?.string
    else { return nil }
    self.init(
      status: status, startedAt: startedAt, endedAt: Timestamp(json: json["endedAt"]),
      message: message)
  }
}

extension TrainingJob.Attempt {
  fileprivate var json: JSON {
    .members([
      "number": .integer(Int64(number)), "token": .string(token),
      "startedAt": startedAt.map { .integer($0.milliseconds) },
      "endedAt": endedAt.map { .integer($0.milliseconds) },
      "exitCode": exitCode.map { .integer(Int64($0)) }, "signal": signal.map { .integer(Int64($0)) },
      "cpuSeconds": cpuSeconds.map { .number($0) },
      "peakMemoryBytes": peakMemoryBytes.map { .integer($0) },
    ])
  }

  fileprivate init?(json: JSON) {
    guard let number = json["number"]?.integer, let token = json["token"]?.string else { return nil }
    self.init(number: Int(number), token: token)
    startedAt = Timestamp(json: json["startedAt"])
    endedAt = Timestamp(json: json["endedAt"])
    exitCode = json["exitCode"]?.integer.map { Int($0) }
    signal = json["signal"]?.integer.map { Int($0) }
    cpuSeconds = json["cpuSeconds"]?.number
    peakMemoryBytes = json["peakMemoryBytes"]?.integer
  }
}

extension TrainingJob.Artifact {
  fileprivate var json: JSON {
    [
      "uri": .string(uri), "path": .string(path), "sha256": .string(sha256), "size": .integer(size),
    ]
  }

  fileprivate init?(json: JSON) {
    guard let uri = json["uri"]?.string, let path = json["path"]?.string,
      let sha256 = json["sha256"]?.string, let size = json["size"]?.integer
    else { return nil }
    self.init(uri: uri, path: path, sha256: sha256, size: size)
  }
}

extension TrainingJob.FinalMetric {
  fileprivate var json: JSON {
    ["name": .string(name), "value": .number(value), "at": .integer(at.milliseconds)]
  }

  fileprivate init?(json: JSON) {
    guard let name = json["name"]?.string, let value = json["value"]?.number,
      let at = Timestamp(json: json["at"])
    else { return nil }
    self.init(name: name, value: value, at: at)
  }
}

extension ResourceDemand {
  public var json: JSON {
    .members([
      "cpus": .integer(Int64(cpus)), "memoryBytes": .integer(memoryBytes),
      "gpus": .integer(Int64(gpus)), "note": note.map { .string($0) },
    ])
  }

  public init?(json: JSON) {
    guard let cpus = json["cpus"]?.integer, let memoryBytes = json["memoryBytes"]?.integer,
      let gpus = json["gpus"]?.integer
    else { return nil }
    self.init(
      cpus: Int(cpus), memoryBytes: memoryBytes, gpus: Int(gpus), note: json["note"]?.string)
  }
}
