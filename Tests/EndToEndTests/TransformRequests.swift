import Client
import HostKit
import JSONKit
import TestKit

/// Transform jobs of tests.
extension DaemonFixture {
  /// Where the bytes of an object lie.
  func object(_ key: String) -> String { "\(home)/buckets/htr/\(key)" }

  /// Puts objects into the bucket "htr"; keys that no file could be named by go through the daemon.
  func putObjects(_ objects: [String: String], bucket: String = "htr") async throws {
    let client = client
    for (key, text) in objects {
      let file = "\(folder)/object"
      try Files.write(text, to: file, durable: false)
      _ = try await offPool { try client.putObject(bucket: bucket, key: key, file: file) }
    }
  }

  /// A job of the model of this name, over `in/` to `NAME/`.
  func transform(
    _ name: String, model: String = "m", source: String = "s3://htr/in/",
    input: KeyValuePairs<String, JSON> = [:], output: KeyValuePairs<String, JSON> = [:],
    _ changes: KeyValuePairs<String, JSON> = [:]
  ) async throws {
    let request = JSON.Object(
      [
        ("TransformJobName", .string(name)), ("ModelName", .string(model)),
        (
          "TransformInput",
          .object(
            .init(
              [("DataSource", ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": .string(source)]])]
                + input.map { ($0.key, $0.value) }))
        ),
        (
          "TransformOutput",
          .object(
            .init(
              [("S3OutputPath", .string("s3://htr/\(name)")), ("Accept", "application/octet-stream")]
                + output.map { ($0.key, $0.value) }))
        ),
        ("TransformResources", ["InstanceType": "local", "InstanceCount": 1]),
      ])
    var body = request
    for (key, value) in changes { body[key] = value }
    try await call("CreateTransformJob", .object(body))
  }

  /// Waits, until the job fits.
  @discardableResult
  func wait(
    forTransform name: String, _ what: String, within limit: Duration = .seconds(40),
    until fits: @escaping @Sendable (TransformJobRecord) -> Bool
  ) async throws -> TransformJobRecord {
    let client = client
    let deadline = ContinuousClock.now + limit
    while true {
      let record = try await offPool { try client.persistently { try client.transformJob(name) } }
      if fits(record) { return record }
      guard ContinuousClock.now < deadline, !record.hasEnded else {
        throw Overdue(what: "\(what) of \(name), which is \(record.described.text)")
      }
      // Its progress makes no new version, which a long poll would wait for.
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @discardableResult
  func end(ofTransform name: String, within limit: Duration = .seconds(40)) async throws -> TransformJobRecord {
    try await wait(forTransform: name, "the end", within: limit) { $0.hasEnded }
  }

  /// Living workers of a job.
  func workers(ofTransform name: String) -> [ProcessEntry] { processes(of: "/transforms/\(name)") }

  /// The outputs by their names below the job's output path.
  func outputs(_ name: String) throws -> [String: String] {
    var found: [String: String] = [:]
    func visit(_ folder: String, _ prefix: String) throws {
      guard Files.exists(folder) else { return }
      for entry in try Files.names(in: folder) {
        if try Files.status("\(folder)/\(entry)")?.kind == .folder {
          try visit("\(folder)/\(entry)", "\(prefix)\(entry)/")
        } else {
          found[prefix + entry] = try Files.readText("\(folder)/\(entry)", limit: 1 << 24)
        }
      }
    }
    try visit(object(name), "")
    return found
  }
}
