import CCurl
import Glibc
import HostKit

/// One libcurl handle: a connection that is kept open between requests.
///
/// Proof of `@unchecked Sendable`: the handle is not bound to a thread, and `CurlPool` takes a connection out
/// before use and puts it back afterwards, so that only one thread at a time ever holds it.
public final class CurlConnection: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  /// In front of each path: scheme and host.
  private let origin: String

  /// libcurl's one-time preparation; thread-safe as a static.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// To a Unix socket of this machine.
  public convenience init(socket: String) throws(CurlError) {
    guard socket.utf8.count <= 107 else {
      throw .unsendable(
        reason: "the socket path \(socket) is longer than 107 bytes; choose a shorter HTR_HOME")
    }
    try self.init(origin: "http://htrd", isNear: true)
    htr_curl_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, socket)
  }

  /// To a host and port of this machine.
  public convenience init(authority: String) throws(CurlError) {
    try self.init(origin: "http://\(authority)", isNear: true)
  }

  /// To a place on the network, by way of the environment's proxy if it names one. Given up when less than a byte a
  /// second came for a minute, however long the whole takes.
  /// - Parameters:
  ///   - origin: `http://HOST:PORT` or `https://HOST:PORT`.
  ///   - authorities: a file of certificates to trust in place of the system's.
  public convenience init(remote origin: String, authorities: String?) throws(CurlError) {
    try self.init(origin: origin, isNear: false)
    htr_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    htr_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, 60)
    if let authorities { htr_curl_set_text(handle, CURLOPT_CAINFO, authorities) }
  }

  private init(origin: String, isNear: Bool) throws(CurlError) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw .unsendable(reason: "libcurl cannot be started")
    }
    self.origin = origin
    self.handle = handle
    htr_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, origin.hasPrefix("https:") ? "https" : "http")
    // A proxy in the environment is meant for the network, not for this machine's own sockets.
    if isNear { htr_curl_set_text(handle, CURLOPT_NOPROXY, "*") }
    htr_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    htr_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
    htr_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, 5000)
    htr_curl_set_sink(handle, CURLOPT_HEADERFUNCTION, CurlTransfer.headerSink)
    htr_curl_set_sink(handle, CURLOPT_WRITEFUNCTION, CurlTransfer.bodySink)
  }

  deinit { curl_easy_cleanup(handle) }

  /// Carries out one request; the answer's body is in `transfer` or went to its sink.
  func perform(_ request: CurlRequest, into transfer: CurlTransfer) throws(CurlError) {
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for (name, value) in request.headers { list = curl_slist_append(list, "\(name): \(value)") }
    // Who is asked decides at once, so waiting for `100 Continue` would only cost a round trip.
    list = curl_slist_append(list, "Expect:")

    let context = Unmanaged.passUnretained(transfer).toOpaque()
    htr_curl_set_text(handle, CURLOPT_URL, "\(origin)\(request.path)")
    htr_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    htr_curl_set_bytes(handle, CURLOPT_HEADERDATA, context)
    htr_curl_set_bytes(handle, CURLOPT_WRITEDATA, context)
    htr_curl_set_long(handle, CURLOPT_TIMEOUT_MS, request.timeoutSeconds * 1000)
    htr_curl_set_long(handle, CURLOPT_FRESH_CONNECT, request.isRepeatable ? 0 : 1)
    htr_curl_set_long(handle, CURLOPT_HTTPGET, 1)
    htr_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
    try send(request, into: transfer)
  }

  private func send(_ request: CurlRequest, into transfer: CurlTransfer) throws(CurlError) {
    let code: CURLcode
    switch request.body {
    case .none: code = run(transfer)
    case .bytes(let bytes):
      htr_curl_set_long(handle, CURLOPT_POST, 1)
      htr_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method)
      htr_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, Int64(bytes.count))
      code = bytes.withUnsafeBytes {
        // libcurl reads a null pointer as "ask the read callback", so an empty body still needs an address.
        htr_curl_set_bytes(handle, CURLOPT_POSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(handle))
        return run(transfer)
      }
      htr_curl_set_bytes(handle, CURLOPT_POSTFIELDS, nil)
    case .file(let path): code = try upload(path, request.method, transfer)
    }
    guard code == CURLE_OK else { throw failure(code, request, transfer) }
  }

  private func upload(
    _ path: String, _ method: String, _ transfer: CurlTransfer
  ) throws(CurlError) -> CURLcode {
    guard let file = fopen(path, "re") else {
      throw .unsendable(reason: SystemError("open", path).description)
    }
    defer { fclose(file) }
    guard fseeko(file, 0, SEEK_END) == 0 else {
      throw .unsendable(reason: SystemError("read", path).description)
    }
    let size = ftello(file)
    rewind(file)
    htr_curl_set_long(handle, CURLOPT_UPLOAD, 1)
    htr_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method)
    htr_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(size))
    // Without a read callback of ours, libcurl reads the FILE itself.
    htr_curl_set_bytes(handle, CURLOPT_READDATA, UnsafeRawPointer(file))
    defer { htr_curl_set_long(handle, CURLOPT_UPLOAD, 0) }
    return run(transfer)
  }

  private func run(_ transfer: CurlTransfer) -> CURLcode {
    withExtendedLifetime(transfer) { curl_easy_perform(handle) }
  }

  private func failure(_ code: CURLcode, _ request: CurlRequest, _ transfer: CurlTransfer) -> CurlError {
    let reason = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return .unreachable(reason: reason)
    case CURLE_OPERATION_TIMEDOUT: return .timedOut(seconds: request.timeoutSeconds)
    case CURLE_WRITE_ERROR where transfer.stop == .tooLarge: return .tooLarge(limit: request.answerLimit)
    case CURLE_WRITE_ERROR where transfer.stop == .refusedBySink: return .refusedBySink
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING:
      return .interrupted(reason: reason)
    default: return .malformed(reason: reason)
    }
  }
}
