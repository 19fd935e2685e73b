import ControlPlane
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving
import Signing
import Wire

/// `GET /metrics`: the endpoints' figures in Prometheus' text form. Scrapers cannot sign as AWS clients do: over TCP they
/// may name themselves with the access key as user and its secret as password (HTTP's Basic scheme, on loopback only).
struct MetricsPage {
  static let path = "/metrics"

  let door: FrontDoor

  func respond(to request: Request) async throws -> Response {
    guard request.method == .get || request.method == .head else {
      throw ServiceError(.unknownOperation, "Metrics can only be read (GET).")
    }
    if !isScraper(request.headers[.authorization]) { _ = try door.verify(request, bodyDigest: { BodyHash.empty }) }
    var headers = HTTPFields()
    headers[.contentType] = PrometheusText.contentType
    return Response(
      status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: await door.daemon.metrics())))
  }

  /// Digests are compared, so that the time it takes tells nothing.
  private func isScraper(_ authorization: String?) -> Bool {
    guard case .tcp = door.door, let authorization, authorization.lowercased().hasPrefix("basic "),
      let given = Data(base64Encoded: String(authorization.dropFirst(6)))
    else { return false }
    let known = Data("\(door.credentials.accessKeyId):\(door.credentials.secretAccessKey)".utf8)
    return SHA256.hash(data: given) == SHA256.hash(data: known)
  }
}
