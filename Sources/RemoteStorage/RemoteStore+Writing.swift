import CurlKit
import Glibc
import HostKit

extension RemoteStore {
  /// What is sent in one request, and held in memory, at a time. Files that are larger go up in parts.
  static let usualPart: Int64 = 16 << 20
  /// S3's limit.
  static let mostParts: Int64 = 10_000

  /// Writes a file's bytes as an object, which appears whole or not at all; every request's digest is signed.
  ///
  /// - Returns: the object's entity tag.
  public func write(file path: String, to bucket: String, _ key: String) throws(RemoteError) -> String {
    let file = try Self.reading { () throws(SystemError) in try Descriptor.open(path, O_RDONLY) }
    var status = stat()
    guard fstat(file.number, &status) == 0 else {
      throw RemoteError(.unreadable, SystemError("read", path).description)
    }
    let size = Int64(status.st_size)
    guard size > Self.usualPart else {
      let bytes = try Self.reading { () throws(SystemError) in try file.read(limit: Int(size), path: path) }
      return try tag(of: try send(RemoteRequest("PUT", bucket, key, body: .bytes(bytes))), bucket, key)
    }
    let part = max(Self.usualPart, (size + Self.mostParts - 1) / Self.mostParts)
    let started = try send(RemoteRequest("POST", bucket, key, query: [("uploads", "")], body: .bytes([])))
    guard
      let id = RemoteDocuments.text(of: "UploadId", in: started.body, root: "InitiateMultipartUploadResult"),
      !id.isEmpty
    else {
      throw RemoteError(.refused, "\(place.endpoint) begins no upload to s3://\(bucket)/\(key)")
    }
    do throws(RemoteError) {
      var tags: [String] = []
      while true {
        let bytes = try Self.reading { () throws(SystemError) in try file.read(limit: Int(part), path: path) }
        if bytes.isEmpty { break }
        let query = [("partNumber", String(tags.count + 1)), ("uploadId", id)]
        let answer = try send(RemoteRequest("PUT", bucket, key, query: query, body: .bytes(bytes)))
        tags.append(try tag(of: answer, bucket, key))
      }
      return try complete(id, tags, bucket, key)
    } catch {
      // The error that stopped us says more than one about tidying up; stores forget such uploads in time.
      _ = try? send(RemoteRequest("DELETE", bucket, key, query: [("uploadId", id)]))
      throw error
    }
  }

  private func complete(_ id: String, _ tags: [String], _ bucket: String, _ key: String) throws(RemoteError) -> String {
    let answer = try send(
      RemoteRequest(
        "POST", bucket, key, query: [("uploadId", id)], body: .bytes(RemoteDocuments.completion(tags))))
    // S3 begins its answer before it knows the outcome: 200 may carry an error.
    guard
      let tag = RemoteDocuments.text(of: "ETag", in: answer.body, root: "CompleteMultipartUploadResult"), !tag.isEmpty
    else {
      let code = RemoteDocuments.text(of: "Code", in: answer.body, root: "Error") ?? "no result"
      throw RemoteError(.passing, "\(place.endpoint) does not complete the upload to s3://\(bucket)/\(key): \(code)")
    }
    return unquoted(tag)
  }

  private func tag(of answer: CurlTransfer, _ bucket: String, _ key: String) throws(RemoteError) -> String {
    guard let tag = answer.headers["etag"], !tag.isEmpty else {
      throw RemoteError(.refused, "\(place.endpoint) names no ETag of s3://\(bucket)/\(key)")
    }
    return unquoted(tag)
  }

  private static func reading<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(RemoteError) -> Result {
    do throws(SystemError) { return try body() } catch { throw RemoteError(.unreadable, error.description) }
  }
}
