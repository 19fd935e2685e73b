public import JSONKit

/// What a program needs to talk to the daemon as it would to AWS.
public struct DaemonEnvironment: Sendable, Equatable {
  public let endpointURL: String
  public let accessKeyId: String
  public let secretAccessKey: String
  public let region: String
  public let accountId: String
  public let defaultBucket: String

  public init(
    endpointURL: String, accessKeyId: String, secretAccessKey: String, region: String,
    accountId: String, defaultBucket: String
  ) {
    self.endpointURL = endpointURL
    self.accessKeyId = accessKeyId
    self.secretAccessKey = secretAccessKey
    self.region = region
    self.accountId = accountId
    self.defaultBucket = defaultBucket
  }
}

extension DaemonClient {
  /// The daemon's state: version, pid, slots, counts of jobs.
  /// Has the daemon write its records of one instant into a file, which is the caller's to remove.
  /// - Returns: the file's path, and the training jobs that had not ended at that instant.
  public func makeSnapshot() throws -> (path: String, activeJobs: Set<String>) {
    let answer = try post("/htr/v1/snapshot", .object(.init()), timeoutSeconds: 3600)
    guard let path = answer["Path"]?.string else { throw ClientError.malformed(reason: "no Path of a snapshot") }
    return (path, Set((answer["ActiveTrainingJobs"]?.array ?? []).compactMap(\.string)))
  }

  /// Has the daemon remove what has been of no use for some days, or only tell what it would remove.
  public func collectGarbage(olderThanDays days: Double, isTrial: Bool) throws -> JSON {
    try post("/htr/v1/gc", ["OlderThanDays": .number(days), "DryRun": .bool(isTrial)], timeoutSeconds: 3600)
  }

  public func status() throws -> JSON { try get("/htr/v1/status", timeoutSeconds: 10) }

  public func environment() throws -> DaemonEnvironment {
    let answer = try get("/htr/v1/environment", timeoutSeconds: 10)
    func member(_ name: String) throws(ClientError) -> String {
      guard let text = answer[name]?.string else {
        throw .malformed(reason: "no \(name) in the environment")
      }
      return text
    }
    return DaemonEnvironment(
      endpointURL: try member("EndpointUrl"), accessKeyId: try member("AccessKeyId"),
      secretAccessKey: try member("SecretAccessKey"), region: try member("Region"),
      accountId: try member("AccountId"), defaultBucket: try member("DefaultBucket"))
  }
}
