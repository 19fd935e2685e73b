import MarkupKit

/// The texts that requests bring along.
public enum S3Documents {
  public static let mostDeletions = 1000

  /// What DeleteObjects is to delete.
  public struct Deletion: Sendable, Equatable {
    public let keys: [String]
    /// Whether only failures are told.
    let isQuiet: Bool
  }

  /// A part as CompleteMultipartUpload names it.
  public struct Part: Sendable, Equatable {
    public let number: Int
    /// Without quotes.
    public let entityTag: String
    public let checksum: S3Checksum?
  }

  public static func deletion(_ body: [UInt8]) throws(S3Error) -> Deletion {
    var keys: [String] = []
    var isQuiet = false
    let items = try children(of: "Delete", in: body, atMost: mostDeletions + 1)
    for item in items {
      switch item.name {
      case "Quiet": isQuiet = item.text.lowercased() == "true"
      case "Object":
        guard let key = item["Key"], !key.isEmpty, key.utf8.count <= S3Head.longestKey else { throw malformed }
        if let version = item["VersionId"], version != "null", !version.isEmpty {
          throw .notImplemented("Deletion of a version")
        }
        keys.append(key)
      default: throw malformed
      }
    }
    guard (1...mostDeletions).contains(keys.count) else { throw malformed }
    return Deletion(keys: keys, isQuiet: isQuiet)
  }

  public static func completion(_ body: [UInt8]) throws(S3Error) -> [Part] {
    var parts: [Part] = []
    for item in try children(of: "CompleteMultipartUpload", in: body, atMost: S3PartRequest.mostParts) {
      guard item.name == "Part", let number = item["PartNumber"].flatMap({ Int($0) }), let tag = item["ETag"] else {
        throw malformed
      }
      guard (1...S3PartRequest.mostParts).contains(number) else {
        throw .argument("PartNumber", "\(number)", "Part number must be an integer between 1 and 10000, inclusive")
      }
      let sums = S3Checksum.Algorithm.allCases.compactMap { algorithm in
        item[algorithm.element].map { S3Checksum(algorithm, value: $0) }
      }
      guard sums.count <= 1 else { throw malformed }
      parts.append(Part(number: number, entityTag: S3Tag.unquoted(tag), checksum: sums.first))
    }
    guard !parts.isEmpty else { throw malformed }
    guard zip(parts, parts.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
      throw S3Error(
        .invalidPartOrder,
        "The list of parts was not in ascending order. Parts must be ordered by part number.")
    }
    return parts
  }

  /// Checks that a CreateBucket's body says nothing that is not built.
  public static func checkBucketConfiguration(_ body: [UInt8]) throws(S3Error) {
    guard !body.isEmpty else { return }
    for item in try children(of: "CreateBucketConfiguration", in: body, atMost: 8) {
      guard item.name == "LocationConstraint" else {
        throw .notImplemented("\(item.name.prefix(50)) of CreateBucketConfiguration")
      }
    }
  }

  static let malformed = S3Error(
    .malformedXML, "The XML you provided was not well-formed or did not validate against our published schema")
}

/// An element below a document's root, with the texts of its own elements.
private struct Item {
  let name: String
  var text = ""
  var leaves: [(name: String, text: String)] = []

  subscript(_ name: String) -> String? { leaves.first { $0.name == name }?.text }
}

extension S3Documents {
  private static let mostLeaves = 16

  /// The elements below the root, each two levels deep. Deeper, longer or other documents are refused.
  private static func children(of root: String, in body: [UInt8], atMost limit: Int) throws(S3Error) -> [Item] {
    do throws(MarkupError) {
      return try read(root, body, limit)
    } catch {
      throw S3Error(malformed.code, "\(malformed.message): \(error.description.prefix(200))")
    }
  }

  private static func read(_ root: String, _ body: [UInt8], _ limit: Int) throws(MarkupError) -> [Item] {
    var reader = try MarkupReader(body)
    var items: [Item] = []
    var depth = 0
    var isRoot = false
    while let event = try reader.next() {
      switch event {
      case .start(let element):
        depth += 1
        switch depth {
        case 1: isRoot = element.name == root
        case 2: items.append(Item(name: element.name))
        case 3: items[items.count - 1].leaves.append((element.name, ""))
        default: throw MarkupError(.unsupported, "there are elements below \(root)'s own")
        }
        guard items.count <= limit, items.last.map({ $0.leaves.count <= mostLeaves }) ?? true else {
          throw MarkupError(.tooLarge, "\(root) has more than \(limit) elements, or one of them too many")
        }
      case .end: depth -= 1
      case .text(let text) where depth == 2: items[items.count - 1].text += text
      case .text(let text) where depth == 3:
        let last = items[items.count - 1].leaves.count - 1
        items[items.count - 1].leaves[last].text += text
      case .text: break
      }
    }
    guard isRoot else { throw MarkupError(.malformed, "the root is not \(root)") }
    return items
  }
}
