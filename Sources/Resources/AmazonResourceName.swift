/// An ARN of one of our resources: `arn:aws:sagemaker:REGION:ACCOUNT:TYPE/NAME`, the name in lower case as AWS writes it.
public struct AmazonResourceName: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case trainingJob = "training-job"
    case model
    case endpointConfig = "endpoint-config"
    case endpoint
    case transformJob = "transform-job"
  }

  public let region: String
  public let account: String
  public let kind: Kind
  public let name: String

  public init(region: String, account: String, kind: Kind, name: String) {
    self.region = region
    self.account = account
    self.kind = kind
    self.name = name
  }

  /// Reads the textual form; nil when it is not an ARN of a kind that we have.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "sagemaker",
      let slash = parts[5].firstIndex(of: "/"),
      let kind = Kind(rawValue: String(parts[5][..<slash]))
    else { return nil }
    self.init(
      region: String(parts[3]), account: String(parts[4]), kind: kind,
      name: String(parts[5][parts[5].index(after: slash)...]))
  }

  public var description: String {
    "arn:aws:sagemaker:\(region):\(account):\(kind.rawValue)/\(name.lowercased())"
  }
}
