public import HostKit
public import JSONKit

/// What the shim shall run and how: `spec.json` of an attempt.
public struct LaunchSpec: Sendable, Equatable {
  /// Unique for ever (name, attempt and a random part). The worker gets it as `HTR_ATTEMPT`, so that processes that
  /// escaped their parent can still be told to be ours.
  public var token: String
  public var executable: String
  /// What follows the name of the program.
  public var arguments: [String]
  /// The whole environment of the worker: nothing of the daemon's own is inherited.
  public var environment: [String: String]
  public var workingFolder: String
  /// The job's log, shared by its attempts: always appended to. The index beside it tells when which byte came.
  public var log: String
  public var logIndex: String
  /// Unix datagram socket on which the daemon hears `ShimNotice`s. Nobody listening is normal.
  public var noticeSocket: String
  /// Seconds from the worker's start until it is stopped; nil: no limit.
  public var maximumRuntimeSeconds: Double?
  /// Seconds between TERM and KILL.
  public var stopGraceSeconds: Double
  /// Bytes that the worker's processes may hold resident together; above it they are killed. nil: no limit.
  public var memoryLimitBytes: Int64?
  /// Bytes that the log may reach; then the job is stopped with a clear reason.
  public var logLimitBytes: Int64
  /// Seconds between two samples of CPU, memory and disk; 0: none.
  public var sampleSeconds: Double
  /// False when the model's files are published one by one (CompressionType NONE): then nothing packs them.
  public var packsModel: Bool
  /// The boot in which the attempt was prepared: nothing of that was synced, so a power cut may have torn it.
  public var boot: String

  public init(
    token: String, executable: String, arguments: [String], environment: [String: String],
    workingFolder: String, log: String, logIndex: String, noticeSocket: String,
    maximumRuntimeSeconds: Double? = nil, stopGraceSeconds: Double = 120,
    memoryLimitBytes: Int64? = nil, logLimitBytes: Int64 = 16 << 30, sampleSeconds: Double = 10,
    packsModel: Bool = true, boot: String = Boot.id
  ) {
    self.token = token
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingFolder = workingFolder
    self.log = log
    self.logIndex = logIndex
    self.noticeSocket = noticeSocket
    self.maximumRuntimeSeconds = maximumRuntimeSeconds
    self.stopGraceSeconds = stopGraceSeconds
    self.memoryLimitBytes = memoryLimitBytes
    self.logLimitBytes = logLimitBytes
    self.sampleSeconds = sampleSeconds
    self.packsModel = packsModel
    self.boot = boot
  }
}

extension LaunchSpec: RecordConvertible {
  public var json: JSON {
    .members([
      "token": .string(token), "executable": .string(executable),
      "arguments": .array(arguments.map { .string($0) }), "environment": .strings(environment),
      "workingFolder": .string(workingFolder), "log": .string(log), "logIndex": .string(logIndex),
      "noticeSocket": .string(noticeSocket),
      "maximumRuntimeSeconds": maximumRuntimeSeconds.map { .number($0) },
      "stopGraceSeconds": .number(stopGraceSeconds),
      "memoryLimitBytes": memoryLimitBytes.map { .integer($0) },
      "logLimitBytes": .integer(logLimitBytes), "sampleSeconds": .number(sampleSeconds),
      "packsModel": .bool(packsModel), "boot": .string(boot),
    ])
  }

  public init?(json: JSON) {
    guard let token = json["token"]?.string, let executable = json["executable"]?.string,
      let arguments = json["arguments"]?.array?.compactMap(\.string),
      let environment = json["environment"]?.stringMap,
      let workingFolder = json["workingFolder"]?.string, let log = json["log"]?.string,
      let logIndex = json["logIndex"]?.string, let noticeSocket = json["noticeSocket"]?.string,
      let stopGraceSeconds = json["stopGraceSeconds"]?.number,
      let logLimitBytes = json["logLimitBytes"]?.integer,
      let sampleSeconds = json["sampleSeconds"]?.number, let packsModel = json["packsModel"]?.bool
    else { return nil }
    self.init(
      token: token, executable: executable, arguments: arguments, environment: environment,
      workingFolder: workingFolder, log: log, logIndex: logIndex, noticeSocket: noticeSocket,
      maximumRuntimeSeconds: json["maximumRuntimeSeconds"]?.number,
      stopGraceSeconds: stopGraceSeconds, memoryLimitBytes: json["memoryLimitBytes"]?.integer,
      logLimitBytes: logLimitBytes, sampleSeconds: sampleSeconds, packsModel: packsModel,
      boot: json["boot"]?.string ?? "")
  }
}
