import Foundation
import Hummingbird

/// The AWS services that the daemon speaks for, by their names in credential scopes.
enum ServiceName: String, CaseIterable {
  case sagemaker, s3, sts, iam, logs, monitoring

  /// Which service a request is for, of all on this one port: what its signature says. On the Unix socket nothing is
  /// signed, and a header tells. What tells nothing is SageMaker's if its path is one of the daemon's own, and a request
  /// for an object otherwise.
  ///
  /// - Throws: the name of a service that is not offered here.
  init(of request: Request, through door: Door) throws(UnknownService) {
    switch door {
    case .unixSocket:
      let name = request.headers[.htrService] ?? ServiceName.sagemaker.rawValue
      guard let known = ServiceName(rawValue: name) else { throw UnknownService(name: name) }
      self = known
    case .tcp:
      if let name = Self.scopeService(of: request) {
        guard let known = ServiceName(rawValue: name) else { throw UnknownService(name: name) }
        self = known
      } else {
        self = Self.isOwnPath(request.uri.path) && !Self.isPresignedForStorage(request) ? .sagemaker : .s3
      }
    }
  }

  /// `SERVICE` of `Credential=KEY/DATE/REGION/SERVICE/aws4_request`, which is a header's or a presigned query's.
  private static func scopeService(of request: Request) -> String? {
    var credential: Substring?
    if let authorization = request.headers[.authorization], let start = authorization.range(of: "Credential=") {
      credential = authorization[start.upperBound...].prefix { $0 != "," && $0 != " " }
    } else if request.uri.query?.contains("X-Amz-Credential=") == true {
      credential = request.uri.queryParameters["X-Amz-Credential"]
    }
    guard let parts = credential?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 5 else {
      return nil
    }
    return String(parts[3])
  }

  /// Presigned addresses of version 2 exist for S3 only.
  private static func isPresignedForStorage(_ request: Request) -> Bool {
    request.uri.query?.contains("AWSAccessKeyId=") == true
  }

  private static func isOwnPath(_ path: String) -> Bool {
    path == "/" || path == MetricsPage.path || path.hasPrefix(HTRRoutes.prefix) || path.hasPrefix("/endpoints/")
  }
}

/// A service that is not offered here.
struct UnknownService: Error {
  let name: String
}
