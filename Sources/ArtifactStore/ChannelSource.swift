/// Where a channel's files come from, as `InputDataConfig` says it.
public struct ChannelSource: Sendable, Equatable {
  /// SageMaker's `S3DataType`.
  public enum Kind: Sendable, Equatable {
    /// All objects whose keys begin with the URI's; for `file://` a file or all files of a folder.
    case prefix
    /// A JSON array: `{"prefix": URI}`, then paths relative to it.
    case manifestFile
    /// JSON Lines; of each line these attributes are taken.
    case augmentedManifestFile(attributeNames: [String])
  }

  /// The channel's name: its folder below `input/data`.
  public let name: String
  /// `s3://bucket/key` or `file:///path`.
  public let uri: String
  public let kind: Kind
  /// Whether each host gets its own part (`ShardedByS3Key`) instead of everything (`FullyReplicated`).
  public let isSharded: Bool

  public init(name: String, uri: String, kind: Kind = .prefix, isSharded: Bool = false) {
    self.name = name
    self.uri = uri
    self.kind = kind
    self.isSharded = isSharded
  }
}

/// How far a channel's download is; the totals are known from the first report on.
public struct ChannelProgress: Sendable, Equatable {
  public var filesDone = 0
  public var filesTotal: Int
  public var bytesDone: Int64 = 0
  public var bytesTotal: Int64

  public init(filesTotal: Int, bytesTotal: Int64) {
    self.filesTotal = filesTotal
    self.bytesTotal = bytesTotal
  }
}

/// What filling a channel did.
public struct ChannelResult: Sendable, Equatable {
  public let files: Int
  public let bytes: Int64
  /// The channel was full already, from an earlier try of the same job.
  public let wasFilled: Bool
}
