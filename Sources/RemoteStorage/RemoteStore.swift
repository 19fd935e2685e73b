import CurlKit
import HostKit
import MarkupKit
import Signing

/// A client of an S3 on the network: lists, reads and writes objects. Requests are signed with Signature Version 4 by
/// `SigV4Signer`, not by libcurl, whose older versions sign queries in the order in which they stand.
///
/// Calls block until they are answered. Several threads may call at once.
public final class RemoteStore: Sendable {
  public let place: RemotePlace
  let connections: CurlPool
  /// Of a listing or an error.
  private static let answerLimit = 16 << 20
  /// A request that failed in passing is made again after these.
  private static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3)]

  public init(_ place: RemotePlace) {
    self.place = place
    connections = CurlPool { () throws(CurlError) in
      try CurlConnection(remote: place.endpoint, authorities: place.authorities)
    }
  }

  /// Up to 1,000 objects whose keys begin with `prefix` and come after `after`.
  public func list(_ bucket: String, prefix: String, after: String) throws(RemoteError) -> RemoteListing {
    var query = [("encoding-type", "url"), ("list-type", "2"), ("prefix", prefix)]
    if !after.isEmpty { query.append(("start-after", after)) }
    let answer = try send(RemoteRequest("GET", bucket, query: query))
    do throws(MarkupError) { return try RemoteDocuments.listing(answer.body) } catch {
      throw RemoteError(.refused, "\(place.endpoint) does not list as an S3 does: \(error)")
    }
  }

  /// Reads an object, unless it still bears the tag that the caller knows.
  ///
  /// - Parameter sink: gets the bytes in order; called anew for each try. False ends the reading.
  /// - Throws: `.missing` when there is no such object.
  public func read(
    _ bucket: String, _ key: String, unless known: String? = nil,
    into sink: () throws(RemoteError) -> (UnsafeRawBufferPointer) -> Bool
  ) throws(RemoteError) -> RemoteReading {
    let headers = known.map { [("If-None-Match", "\"\($0)\"")] } ?? []
    var size: Int64 = 0
    let answer = try again { () throws(RemoteError) in
      size = 0
      let take = try sink()
      let counted: (UnsafeRawBufferPointer) -> Bool = { bytes in
        size += Int64(bytes.count)
        return take(bytes)
      }
      return try once(RemoteRequest("GET", bucket, key, headers: headers), sink: counted)
    }
    if answer.status == 304 { return .unchanged }
    return .read(entityTag: unquoted(answer.headers["etag"] ?? ""), size: size)
  }

  // MARK: Requests

  /// The answer to a request that may be made again.
  func send(_ request: RemoteRequest) throws(RemoteError) -> CurlTransfer {
    try again { () throws(RemoteError) in try once(request, sink: nil) }
  }

  private func again(_ body: () throws(RemoteError) -> CurlTransfer) throws(RemoteError) -> CurlTransfer {
    for pause in Self.pauses {
      do throws(RemoteError) { return try body() } catch {
        guard error.kind == .passing else { throw error }
        pause.sleep()
      }
    }
    return try body()
  }

  private func once(
    _ request: RemoteRequest, sink: CurlTransfer.Sink?
  ) throws(RemoteError) -> CurlTransfer {
    let transfer = CurlTransfer(limit: Self.answerLimit, sink: sink)
    do throws(CurlError) {
      try connections.perform(
        CurlRequest(
          method: request.method, path: request.target, headers: signedHeaders(of: request), body: request.body,
          // Nothing here is done twice by being asked for twice. A transfer that stands still is given up.
          isRepeatable: true, timeoutSeconds: 0, answerLimit: Self.answerLimit), into: transfer)
    } catch {
      throw failure(error)
    }
    if (200..<300).contains(transfer.status) || transfer.status == 304 { return transfer }
    throw refusal(of: request, transfer)
  }

  private func signedHeaders(of request: RemoteRequest) -> [(String, String)] {
    let head = RequestHead(
      method: request.method, rawPath: request.path, rawQuery: request.rawQuery,
      headers: [(name: "Host", value: place.authority)])
    let hash: String
    switch request.body {
    case .bytes(let bytes): hash = BodyHash.of(bytes)
    case .none, .file: hash = BodyHash.empty
    }
    let signature = SigV4Signer(credentials: place.credentials, region: place.region, service: "s3")
      .headers(for: head, bodyHash: hash, now: Timestamp.now().milliseconds / 1000)
    // libcurl names a type of its own for what has a body.
    let type = [("Content-Type", "application/octet-stream")]
    return [("Host", place.authority)] + request.headers + (request.body == .none ? [] : type)
      + signature.map { ($0.name, $0.value) }
  }

  private func failure(_ error: CurlError) -> RemoteError {
    switch error {
    case .unreachable(let reason): RemoteError(.passing, "\(place.endpoint) cannot be reached: \(reason)")
    case .interrupted(let reason): RemoteError(.passing, "the connection to \(place.endpoint) was lost: \(reason)")
    case .timedOut: RemoteError(.passing, "\(place.endpoint) does not answer")
    case .tooLarge(let limit): RemoteError(.refused, "\(place.endpoint) answers with more than \(limit) bytes")
    case .malformed(let reason): RemoteError(.refused, "\(place.endpoint) does not answer as an S3 does: \(reason)")
    case .unsendable(let reason): RemoteError(.unreadable, reason)
    case .refusedBySink: RemoteError(.interrupted, "the reading was given up")
    }
  }

  private func refusal(of request: RemoteRequest, _ transfer: CurlTransfer) -> RemoteError {
    let code = RemoteDocuments.text(of: "Code", in: transfer.body, root: "Error") ?? "HTTP \(transfer.status)"
    let words = RemoteDocuments.text(of: "Message", in: transfer.body, root: "Error").map { ": \($0)" } ?? ""
    let passes = transfer.status >= 500 || transfer.status == 429 || code == "RequestTimeout"
    return RemoteError(
      passes ? .passing : transfer.status == 404 ? .missing : .refused,
      "\(place.endpoint) refuses \(request.method) of \(request.subject): \(code)\(words)")
  }
}

/// A request before it is signed.
struct RemoteRequest {
  let method: String
  /// `s3://BUCKET/KEY`, for messages.
  let subject: String
  let path: String
  let rawQuery: String
  let headers: [(String, String)]
  let body: CurlRequest.Body

  init(
    _ method: String, _ bucket: String, _ key: String = "", query: [(String, String)] = [],
    headers: [(String, String)] = [], body: CurlRequest.Body = .none
  ) {
    self.method = method
    subject = "s3://\(bucket)/\(key)"
    path = "/" + PercentEscapes.made(in: bucket) + "/" + PercentEscapes.made(in: key, keepsSlashes: true)
    rawQuery = query.map { "\(PercentEscapes.made(in: $0.0))=\(PercentEscapes.made(in: $0.1))" }.joined(separator: "&")
    self.headers = headers
    self.body = body
  }

  var target: String { rawQuery.isEmpty ? path : "\(path)?\(rawQuery)" }
}
