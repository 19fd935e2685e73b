import HostKit
public import RemoteStorage
import Signing

extension Settings {
  /// Buckets that lie in an S3 elsewhere: the setting `s3`.
  public struct RemoteStorage: Sendable {
    public let place: RemotePlace
    public let buckets: Set<String>

    private static let members: Set<String> = ["endpoint", "region", "buckets", "credentials-file", "ca-file"]

    /// - Parameters:
    ///   - region: when the setting names none.
    ///   - folder: of the settings; the credentials lie there unless the setting says otherwise.
    init(_ value: Any, region: String, folder: String) throws(ServiceStartError) {
      guard let map = value as? [String: Any] else {
        throw ServiceStartError("'s3' must be a map with 'endpoint' and 'buckets'")
      }
      let unknown = Set(map.keys).subtracting(Self.members).sorted()
      guard unknown.isEmpty else { throw ServiceStartError("s3: unknown \(unknown.joined(separator: ", "))") }
      func text(_ key: String) throws(ServiceStartError) -> String? {
        guard let value = map[key] else { return nil }
        guard let text = value as? String, !text.isEmpty else { throw ServiceStartError("s3: '\(key)' must be a text") }
        return text
      }
      let endpoint = try text("endpoint") ?? ""
      guard let names = map["buckets"] as? [String], !names.isEmpty else {
        throw ServiceStartError("s3: 'buckets' must be the list of the names of the buckets that lie there")
      }
      let credentials = try Self.credentials(try text("credentials-file") ?? "\(folder)/s3-credentials")
      guard
        let place = RemotePlace(
          endpoint: endpoint, region: try text("region") ?? region, credentials: credentials,
          authorities: try text("ca-file"))
      else {
        throw ServiceStartError("s3: 'endpoint' must be http://HOST[:PORT] or https://HOST[:PORT], not '\(endpoint)'")
      }
      self.place = place
      buckets = Set(names)
    }

    /// From a file as AWS's clients keep it (`aws_access_key_id = …`): its first profile.
    private static func credentials(_ path: String) throws(ServiceStartError) -> Credentials {
      var values: [String: String] = [:]
      do {
        guard try Files.isPrivate(path) else {
          throw ServiceStartError("s3: \(path) can be read by others: run `chmod 600 \(path)`")
        }
        var profiles = 0
        for line in try Files.readText(path, limit: 1 << 16).split(whereSeparator: \.isNewline) {
          if line.hasPrefix("[") { profiles += 1 }
          let parts = line.split(separator: "=", maxSplits: 1)
          guard profiles <= 1, parts.count == 2 else { continue }
          values[trimmed(parts[0])] = trimmed(parts[1])
        }
      } catch let error as ServiceStartError {
        throw error
      } catch { throw ServiceStartError("s3: the credentials cannot be read: \(error)") }
      guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
        throw ServiceStartError("s3: \(path) must have lines 'aws_access_key_id = …' and 'aws_secret_access_key = …'")
      }
      return Credentials(accessKeyId: id, secretAccessKey: secret, sessionToken: values["aws_session_token"])
    }

    private static func trimmed(_ text: Substring) -> String {
      text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }
}
