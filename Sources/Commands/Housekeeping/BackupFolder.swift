import HostKit
import JSONKit

/// A folder that holds a copy of a daemon's state.
struct BackupFolder {
  static let database = "htr.sqlite"
  /// Everything else that a daemon cannot make anew: objects, logs, what failed attempts left, keys and settings.
  static let parts = ["buckets", "jobs", "endpoints", "transforms", "credentials", "settings.yaml"]
  /// What is left out: half-written objects, and the working folders of jobs that had not ended when the records were
  /// copied. Their state is a later one, and their processes stay behind: such a job is run again.
  static func leavesOut(_ path: String, of home: String, activeJobs: Set<String>) -> Bool {
    if path == "\(home)/buckets/.tmp" { return true }
    let folder = Files.parent(of: path)
    return Int(Files.name(of: path)) != nil && Files.parent(of: folder) == "\(home)/jobs"
      && activeJobs.contains(Files.name(of: folder))
  }
  private static let version: Int64 = 1

  let path: String

  /// Tells that the copy is complete: it is written last, and goes first when the copy is renewed.
  private var mark: String { "\(path)/backup.json" }

  /// - Throws: when the folder holds something that is no backup.
  func prepare() throws {
    if Files.exists(path), !Files.exists(mark), !Files.exists("\(path)/\(Self.database)") {
      guard try Files.names(in: path).isEmpty else {
        throw Failure(
          "backup to \(path)", "the folder holds something else", advice: "Name an empty folder, or an earlier backup.")
      }
    }
    try Files.makeFolder(path, mode: 0o700)
    try Files.remove(mark)
  }

  func complete(home: String) throws {
    let now = Timestamp.now()
    let json: JSON = ["Version": .integer(Self.version), "CreatedAt": .number(now.seconds), "Home": .string(home)]
    try Files.syncFolder(path)
    try Files.write(json.bytes, to: mark)
  }

  /// - Throws: when there is no complete backup.
  func requireComplete() throws {
    guard Files.exists(mark) else {
      throw Failure(
        "restore from \(path)", "there is no complete backup (no backup.json)",
        advice:
          "Name the folder that `htrctl backup` wrote; one that was broken off can be completed by running it again.")
    }
    let json = try? JSON(parsing: Files.read(mark, limit: 1 << 16))
    guard json?["Version"]?.integer == Self.version else {
      throw Failure("restore from \(path)", "its backup.json is damaged, or of a newer version of htr")
    }
  }
}
