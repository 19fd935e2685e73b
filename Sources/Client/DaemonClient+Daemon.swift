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

/// An object that the daemon has taken into a bucket.
public struct StoredObject: Sendable, Equatable {
  public let uri: String
  public let sha256: String
  public let size: Int64
}

extension DaemonClient {
  /// The daemon's state: version, pid, slots, counts of jobs.
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

  /// Copies a file into a bucket; the object is durable once this returns.
  public func putObject(bucket: String, key: String, file: String) throws -> StoredObject {
    let segments = key.split(separator: "/", omittingEmptySubsequences: false)
    let path = segments.map { percentEncoded(String($0)) }.joined(separator: "/")
    let response = try send(
      "PUT", "/htr/v1/objects/\(percentEncoded(bucket))/\(path)",
      headers: [("Content-Type", "application/octet-stream")], body: .file(file), timeoutSeconds: 0)
    let answer = try Self.json(of: response)
    return StoredObject(
      uri: answer["S3Uri"]?.string ?? "s3://\(bucket)/\(key)",
      sha256: answer["Sha256"]?.string ?? "", size: answer["Size"]?.integer ?? 0)
  }
}
