import HostKit
import JSONKit

/// A folder that holds a copy of a daemon's state.
struct BackupFolder {
  static let database = "htr.sqlite"
  /// Everything else that a daemon cannot make anew: objects, logs, what failed attempts left, keys and settings.
  static let parts = [
    "buckets", "jobs", "endpoints", "transforms", "wheels", "credentials", "s3-credentials", "settings.yaml",
  ]
  /// What is left out: half-written objects, and the working folders of whatever had not ended when the records were
  /// copied: training jobs, and the workers of endpoints and transform jobs, whose logs are kept. Their state is a later
  /// one, and their processes stay behind and are not the copy's to end: such work is begun anew.
  static func leavesOut(_ path: String, of home: String, activeJobs: Set<String>) -> Bool {
    if path == "\(home)/buckets/.tmp" { return true }
    guard Int(Files.name(of: path)) != nil else { return false }
    let owner = Files.parent(of: path)
    switch Files.parent(of: owner) {
    case "\(home)/jobs": return activeJobs.contains(Files.name(of: owner))
    case "\(home)/endpoints", "\(home)/transforms": return true
    default: return false
    }
  }
  private static let version: Int64 = 1

  let path: String

  /// Makes the folder known as ours from the first file on, and tells when the copy is complete.
  private var mark: String { "\(path)/backup.json" }

  /// - Throws: when the folder holds something that is no backup, such as another daemon's state.
  func prepare(home: String) throws {
    if Files.exists(path), !Files.exists(mark), try !Files.names(in: path).isEmpty {
      throw Failure(
        "backup to \(path)", "the folder holds something else", advice: "Name an empty folder, or an earlier backup.")
    }
    try Files.makeFolder(path, mode: 0o700)
    try writeMark(home: home, isComplete: false)
  }

  func complete(home: String) throws {
    FolderCopy.settle()
    try writeMark(home: home, isComplete: true)
  }

  private func writeMark(home: String, isComplete: Bool) throws {
    let json: JSON = [
      "Version": .integer(Self.version), "Complete": .bool(isComplete), "At": .number(Timestamp.now().seconds),
      "Home": .string(home),
    ]
    try Files.write(json.bytes, to: mark)
  }

  /// - Throws: when there is no complete backup.
  func requireComplete() throws {
    guard Files.exists(mark) else {
      throw Failure(
        "restore from \(path)", "there is no backup (no backup.json)",
        advice: "Name the folder that `htrctl backup` wrote.")
    }
    // What is damaged has no version either.
    let json = try? JSON(parsing: Files.read(mark, limit: 1 << 16))
    guard json?["Version"]?.integer == Self.version else {
      throw Failure("restore from \(path)", "its backup.json is damaged, or of a newer version of htr")
    }
    guard json?["Complete"]?.bool == true else {
      throw Failure(
        "restore from \(path)", "the backup was broken off", advice: "Complete it: run `htrctl backup` on it again.")
    }
  }
}
