/// A sum over an object's bytes as it travels.
public struct S3Checksum: Sendable, Equatable {
  public enum Algorithm: String, Sendable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// `x-amz-checksum-crc32`: of headers and trailers.
    var header: String { "x-amz-checksum-\(rawValue.lowercased())" }
    /// `ChecksumCRC32`: of elements.
    var element: String { "Checksum\(rawValue)" }
  }

  public let algorithm: Algorithm
  /// The sum's bytes in network order as Base64, and `-N` for a composite one of N parts.
  public let value: String
  /// Whether it sums the parts' sums instead of the object's bytes.
  public let isComposite: Bool

  public init(_ algorithm: Algorithm, value: String, isComposite: Bool = false) {
    (self.algorithm, self.value, self.isComposite) = (algorithm, value, isComposite)
  }

  var type: String { isComposite ? "COMPOSITE" : "FULL_OBJECT" }

  /// Headers with which an answer shows it.
  var headers: [(name: String, value: String)] { [(algorithm.header, value), ("x-amz-checksum-type", type)] }
}

/// What a request says of the sum of its body.
public struct S3BodyClaim: Sendable, Equatable {
  /// What the body is to be summed with; nil when nobody asks for a sum.
  public var algorithm: S3Checksum.Algorithm?
  /// What the sum must be; nil when it comes in a trailer, or is only to be made.
  public var value: String?
  /// The trailer that will bring it.
  public var isInTrailer = false
  /// `Content-MD5`, as Base64.
  public var md5: String?

  init(_ head: S3Head) throws(S3Error) {
    md5 = head.header("content-md5")
    if let md5, md5.utf8.count != 24 {
      throw S3Error(.invalidDigest, "The Content-MD5 you specified was invalid: it must be 16 bytes as Base64.")
    }
    let told = S3Checksum.Algorithm.allCases.filter { head.header($0.header) != nil }
    let trailers = (head.header("x-amz-trailer") ?? "").split(separator: ",").map {
      S3Attributes.trimmed($0).lowercased()
    }
    let coming = S3Checksum.Algorithm.allCases.filter { trailers.contains($0.header) }
    guard told.count + coming.count <= 1 else {
      throw S3Error(.invalidRequest, "Expecting a single x-amz-checksum- header or trailer.")
    }
    algorithm = told.first ?? coming.first
    value = told.first.flatMap { head.header($0.header) }
    isInTrailer = !coming.isEmpty
    if algorithm == nil { algorithm = try Self.algorithm(head, "x-amz-sdk-checksum-algorithm") }
  }

  static func algorithm(_ head: S3Head, _ header: String) throws(S3Error) -> S3Checksum.Algorithm? {
    guard let name = head.header(header) else { return nil }
    guard let algorithm = S3Checksum.Algorithm(rawValue: name.uppercased()) else {
      throw .argument(
        header, name,
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
      )
    }
    return algorithm
  }

  /// The sum that a trailer brought.
  public func value(inTrailers trailers: [(name: String, value: String)]) throws(S3Error) -> String? {
    guard isInTrailer, let algorithm else { return value }
    guard let field = trailers.first(where: { $0.name == algorithm.header }) else {
      throw S3Error(.invalidRequest, "The trailer \(algorithm.header), which x-amz-trailer promises, has not come.")
    }
    return field.value
  }
}
