import Glibc
public import HostKit
import JSONKit

/// A bucket as a listing shows it.
public struct StoredBucket: Sendable, Equatable {
  public let name: String
  /// When it was made here; for a folder that somebody put there, when that last changed.
  public let created: Timestamp

  private static let attribute = "user.htr"

  /// Nil where there is no folder.
  init?(_ name: String, folder: String) throws(SystemError) {
    guard let status = try Files.status(folder), status.kind == .folder else { return nil }
    self.name = name
    let noted = try ExtendedAttribute.read(Self.attribute, ofFile: folder)
    // A note that is not ours counts as none.
    let created = noted.flatMap { try? JSON(parsing: $0) }?["created"]?.integer
    self.created = created.map { Timestamp(milliseconds: $0) } ?? status.modified
  }

  /// Notes in a new bucket's folder when that was made, where the file system keeps such notes.
  static func noteCreation(of folder: String) throws(SystemError) {
    let note = JSON.members(["created": .integer(Timestamp.now().milliseconds)])
    let opened = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY)
    _ = try ExtendedAttribute.write(note.bytes, as: Self.attribute, to: opened, path: folder)
  }
}
