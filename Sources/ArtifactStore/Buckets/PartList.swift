import ArchiveKit
import HostKit

/// The parts of which an object is to be made, each held against what is there.
struct PartList {
  private(set) var parts: [UploadPart] = []

  /// Fails when a part is not there, is not the one that the request means, is too small or out of order.
  init(_ named: [CompletionPart], in folder: UploadFolder) throws(StoreError) {
    guard !named.isEmpty else { throw StoreError(.invalidPart, "the request names no part") }
    var previous = 0
    for (place, wanted) in named.enumerated() {
      guard wanted.number > previous else {
        throw StoreError(
          .invalidPartOrder, "part \(wanted.number) stands after part \(previous): name parts in ascending order")
      }
      previous = wanted.number
      let part = try Self.part(wanted, in: folder)
      guard part.size >= UploadPart.smallest || place == named.count - 1 else {
        throw StoreError(
          .partTooSmall,
          "part \(part.number) has \(part.size) bytes; every part but the last has at least \(UploadPart.smallest)")
      }
      parts.append(part)
    }
  }

  private static func part(_ wanted: CompletionPart, in folder: UploadFolder) throws(StoreError) -> UploadPart {
    guard UploadPart.numbers.contains(wanted.number),
      let part = try StoreError.wrapping({ () throws(SystemError) in try folder.part(wanted.number) })
    else { throw StoreError(.invalidPart, "part \(wanted.number) has not come; upload it first") }
    guard part.entityTag == wanted.entityTag else {
      throw StoreError(
        .invalidPart, "part \(wanted.number) has the tag \(part.entityTag), not \(wanted.entityTag) as the request says"
      )
    }
    if let told = wanted.checksum, let known = part.checksum, told.algorithm == known.algorithm, told != known {
      throw StoreError(
        .invalidPart,
        "part \(wanted.number) has the \(known.algorithm.rawValue) \(known.value), not \(told.value) as the request says"
      )
    }
    return part
  }

  var size: Int64 { parts.reduce(0) { $0 + $1.size } }

  /// The size that all parts but the last share, and the last does not exceed; nil where they differ.
  var partSize: Int64? {
    guard let first = parts.first?.size, parts.dropLast().allSatisfy({ $0.size == first }),
      (parts.last?.size ?? 0) <= first
    else { return nil }
    return first
  }

  /// The MD5 of the parts' MD5s, and their number; nil where the file system kept no MD5s.
  var entityTag: String? {
    var hash = Digest.MD5()
    for part in parts {
      guard let bytes = Digest.bytes(hexadecimal: part.entityTag), bytes.count == 16 else { return nil }
      bytes.withUnsafeBytes { hash.update($0) }
    }
    return "\(Digest.hexadecimal(hash.finishBytes()))-\(parts.count)"
  }

  /// The object's checksum from the parts' own; nil where one of them has none of this kind.
  func checksum(_ algorithm: ChecksumAlgorithm, isComposite: Bool) -> ObjectChecksum? {
    var sums: [(value: String, size: Int64)] = []
    for part in parts {
      guard let sum = part.checksum, sum.algorithm == algorithm else { return nil }
      sums.append((sum.value, part.size))
    }
    return isComposite
      ? ObjectChecksum.composing(sums.map(\.value), algorithm) : ObjectChecksum.joining(sums, algorithm)
  }
}
