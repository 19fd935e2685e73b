/// The bucket store, in S3's words over the daemon's own socket.
extension DaemonClient {
  /// Copies a file into a bucket, which is made when it is not there; the object is durable once this returns.
  ///
  /// - Returns: the object's address, `s3://BUCKET/KEY`.
  public func putObject(bucket: String, key: String, file: String) throws -> String {
    do {
      try storage("PUT", bucket, key, body: .file(file))
    } catch let error as ServiceError where error.code == "NoSuchBucket" {
      try storage("PUT", bucket)
      try storage("PUT", bucket, key, body: .file(file))
    }
    return "s3://\(bucket)/\(key)"
  }

  /// Removes an object, if it is there.
  public func deleteObject(bucket: String, key: String) throws { try storage("DELETE", bucket, key) }

  private func storage(_ method: String, _ bucket: String, _ key: String = "", body: RequestBody = .none) throws {
    let segments =
      ([bucket] + (key.isEmpty ? [] : key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)))
    let response = try send(
      method, "/" + segments.map(percentEncoded).joined(separator: "/"),
      headers: [("x-htr-service", "s3"), ("Content-Type", "application/octet-stream")], body: body, timeoutSeconds: 0)
    if let refusal = response.refusal { throw refusal }
  }
}
