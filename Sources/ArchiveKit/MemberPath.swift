/// The path of an archive's member as components that are safe to walk; empty means the archive's root itself.
struct MemberPath: Equatable {
  let components: [String]

  var text: String { components.joined(separator: "/") }

  /// Takes `/`, `.` and `./` as the root and drops a leading `./`; refuses whatever could lead out of the folder.
  /// The failure is the reason, for people.
  init(_ raw: String, limits: ArchiveLimits) throws(Refusal) {
    guard raw.utf8.count <= limits.maximumPathBytes else {
      throw .limit("its path is longer than \(limits.maximumPathBytes) bytes")
    }
    guard raw != "/" else {
      components = []
      return
    }
    guard !raw.utf8.starts(with: "/".utf8) else { throw .forbidden("its path is absolute") }
    var parts: [String] = []
    // By bytes: a combining mark after a slash makes one Character of both.
    for part in raw.utf8.split(separator: UInt8(ascii: "/")) {
      let name = String(part) ?? ""
      if name == "." { continue }
      if name == ".." { throw .forbidden("its path contains '..'") }
      guard name.utf8.count <= 255, !name.isEmpty else {
        throw .forbidden("a name in its path is longer than 255 bytes")
      }
      parts.append(name)
    }
    guard parts.count <= limits.maximumDepth else {
      throw .limit("it lies deeper than \(limits.maximumDepth) folders")
    }
    components = parts
  }

  enum Refusal: Error {
    case forbidden(String)
    case limit(String)

    var reason: String {
      switch self {
      case .forbidden(let reason), .limit(let reason): reason
      }
    }
  }
}
