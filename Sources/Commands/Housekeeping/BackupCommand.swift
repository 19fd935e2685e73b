import ArgumentParser
import Client
import HostKit
import JSONKit

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy all of the daemon's state into a folder, while it works.",
    discussion: """
      First the records of one instant, then objects, logs, keys and settings: all that the records speak of is there. A
      folder that holds an earlier backup is brought up to date; only what has changed is copied. What is written while the
      copy is made may or may not be in it. Keep the folder as safe as the daemon's own: it holds its keys.

      EXAMPLES:
        htrctl backup /mnt/backup/htr
        htrctl restore /mnt/backup/htr --home /srv/htr
      """)

  @Argument(help: "An empty folder, a new one, or an earlier backup.") var folder: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let home = Files.realPath(common.homeFolder) ?? common.homeFolder
    let target = absolutePath(folder)
    let backup = BackupFolder(path: Files.realPath(target) ?? target)
    guard backup.path != home, !backup.path.hasPrefix(home + "/"), !home.hasPrefix(backup.path + "/") else {
      throw Failure("backup to \(folder)", "one folder lies in the other", advice: "Name a folder outside of \(home).")
    }
    let snapshot = try common.client.makeSnapshot()
    // It is only ours to remove; what stays behind `htrctl gc` takes away.
    defer { try? Files.remove(snapshot.path) }
    try backup.prepare(home: home)
    var copy = FolderCopy { BackupFolder.leavesOut($0, of: home, activeJobs: snapshot.activeJobs) }
    try copy.copy(snapshot.path, to: "\(backup.path)/\(BackupFolder.database)")
    for part in BackupFolder.parts { try copy.copy("\(home)/\(part)", to: "\(backup.path)/\(part)") }
    try backup.complete(home: home)
    if common.isJSON {
      return printJSON([
        "Path": .string(backup.path), "Files": .integer(Int64(copy.files)),
        "CopiedFiles": .integer(Int64(copy.copiedFiles)), "CopiedBytes": .integer(copy.copiedBytes),
      ])
    }
    Terminal.current.print(
      "\(backup.path): \(copy.files) files; copied now: \(copy.copiedFiles), \(AmountText.bytes(copy.copiedBytes))")
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a daemon's folder out of a backup.",
    discussion: """
      The folder (--home or HTR_HOME) must be empty or not there. Endpoints come up when the daemon is started; jobs that
      were waiting or running when the backup was made are run again.

      EXAMPLES:
        htrctl restore /mnt/backup/htr --home /srv/htr
        htrctl daemon start --home /srv/htr
      """)

  @Argument(help: "What `htrctl backup` wrote.") var folder: String
  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    let backup = BackupFolder(path: absolutePath(folder))
    try backup.requireComplete()
    let home = daemon.homeFolder
    if Files.exists(home), try !Files.names(in: home).isEmpty {
      throw Failure(
        "restore to \(home)", "the folder is not empty",
        advice: "Name another with --home, or move what is there out of the way.")
    }
    try Files.makeFolder(home, mode: 0o700)
    var copy = FolderCopy()
    for part in BackupFolder.parts { try copy.copy("\(backup.path)/\(part)", to: "\(home)/\(part)") }
    FolderCopy.settle()
    // Last: without it a daemon would begin a new store beside old objects.
    try copy.copy("\(backup.path)/\(BackupFolder.database)", to: "\(home)/\(BackupFolder.database)")
    try Files.syncFolder(home)
    Terminal.current.print("\(home): \(copy.files) files, \(AmountText.bytes(copy.copiedBytes))")
    Terminal.current.note("Start it with: htrctl daemon start\(daemon.homeArgument)")
  }
}
