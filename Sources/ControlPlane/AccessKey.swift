import HostKit
import JSONKit

/// The key with which clients sign: made at the first start, readable by the daemon's user only.
public struct AccessKey: Sendable, CustomStringConvertible {
  public let id: String
  public let secret: String

  public var description: String { "AccessKey(\(id), secret withheld)" }

  /// Reads the key, or makes one when there is none yet. A file that others can read is an error, not a risk to take.
  static func load(_ path: String) throws(ServiceStartError) -> AccessKey {
    do {
      if !Files.exists(path) {
        let key = AccessKey(
          id: "AKIA\(Identifier.random(bytes: 8).uppercased())", secret: Identifier.random(bytes: 20))
        let json: JSON = ["AccessKeyId": .string(key.id), "SecretAccessKey": .string(key.secret)]
        try Files.write(json.prettyText + "\n", to: path, mode: 0o600)
      }
      guard try Files.isPrivate(path) else {
        throw ServiceStartError(
          "\(path) can be read by others: run `chmod 600 \(path)`, and remove it if somebody may have seen it.")
      }
      guard let json = try? JSON(parsing: try Files.read(path, limit: 4096)),
        let id = json["AccessKeyId"]?.string, let secret = json["SecretAccessKey"]?.string,
        !id.isEmpty, !secret.isEmpty
      else {
        throw ServiceStartError(
          "\(path) holds no access key. Restore it, or remove it and a new one is made at the next start.")
      }
      return AccessKey(id: id, secret: secret)
    } catch let error as ServiceStartError {
      throw error
    } catch { throw ServiceStartError("The credentials cannot be used: \(error)") }
  }
}
