/// CreateMultipartUpload.
public struct S3UploadRequest: Sendable, Equatable {
  public let attributes: S3Attributes
  public let algorithm: S3Checksum.Algorithm?
  /// Whether the object's sum is to be that of the parts' sums.
  public let isComposite: Bool

  init(_ head: S3Head) throws(S3Error) {
    attributes = try S3Attributes(head)
    algorithm = try S3BodyClaim.algorithm(head, "x-amz-checksum-algorithm")
    let isCyclic = algorithm.map { ![.sha1, .sha256].contains($0) } ?? false
    switch head.header("x-amz-checksum-type") {
    case nil: isComposite = algorithm != .crc64nvme
    case "COMPOSITE" where algorithm != .crc64nvme: isComposite = true
    case "FULL_OBJECT" where isCyclic: isComposite = false
    case let type?:
      throw S3Error(
        .invalidRequest,
        "The \(type.prefix(20)) checksum type cannot be used with the \(algorithm?.rawValue ?? "absent") checksum algorithm."
      )
    }
  }
}

/// UploadPart, and UploadPartCopy besides its source.
public struct S3PartRequest: Sendable, Equatable {
  public let uploadID: String
  public let number: Int
  public let claim: S3BodyClaim

  public static let mostParts = 10_000

  init(_ head: S3Head) throws(S3Error) {
    uploadID = head.query["uploadId"] ?? ""
    guard !uploadID.isEmpty, let number = try head.number("partNumber", in: 1...Self.mostParts) else {
      throw .argument("partNumber", head.query["partNumber"] ?? "", "This operation needs uploadId and partNumber.")
    }
    self.number = number
    claim = try S3BodyClaim(head)
  }
}

/// CompleteMultipartUpload, besides its body.
public struct S3CompletionRequest: Sendable, Equatable {
  public let uploadID: String
  public let condition: S3WriteCondition
  /// What the whole object's size and sum must be.
  public let size: Int64?
  public let checksum: S3Checksum?

  init(_ head: S3Head) throws(S3Error) {
    uploadID = head.query["uploadId"] ?? ""
    condition = try S3WriteCondition(head)
    let claim = try S3BodyClaim(head)
    let isComposite = head.header("x-amz-checksum-type") == "COMPOSITE"
    checksum = claim.algorithm.flatMap { algorithm in
      claim.value.map { S3Checksum(algorithm, value: $0, isComposite: isComposite) }
    }
    guard let text = head.header("x-amz-mp-object-size") else {
      size = nil
      return
    }
    guard let number = Int64(text), number >= 0 else {
      throw .argument("x-amz-mp-object-size", text, "The object's size must be a number of bytes.")
    }
    size = number
  }
}

/// ListParts.
public struct S3PartsRequest: Sendable, Equatable {
  public let uploadID: String
  public let after: Int
  public let limit: Int

  init(_ head: S3Head) throws(S3Error) {
    uploadID = head.query["uploadId"] ?? ""
    after = try head.number("part-number-marker", in: 0...Int(Int32.max)) ?? 0
    limit = min(try head.number("max-parts", in: 0...Int(Int32.max)) ?? 1000, 1000)
  }
}

/// ListMultipartUploads.
public struct S3UploadsRequest: Sendable, Equatable {
  public let prefix: String
  public let delimiter: String
  public let keyMarker: String
  public let idMarker: String
  public let limit: Int
  let encodesNames: Bool

  init(_ head: S3Head) throws(S3Error) {
    prefix = head.query["prefix"] ?? ""
    delimiter = head.query["delimiter"] ?? ""
    keyMarker = head.query["key-marker"] ?? ""
    idMarker = head.query["upload-id-marker"] ?? ""
    limit = min(try head.number("max-uploads", in: 1...Int(Int32.max)) ?? 1000, 1000)
    encodesNames = try S3ListRequest.encodesNames(head)
    guard delimiter.isEmpty else { throw .notImplemented("ListMultipartUploads with a delimiter") }
  }
}
