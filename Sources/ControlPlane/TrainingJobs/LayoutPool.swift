import Glibc
import HostKit
import Synchronization
import WorkerContract

/// Lends the folder trees that workers find below SAGEMAKER_BASE_DIR, and the pipes of their output, and takes them back.
///
/// A tree is a dozen folders, and most jobs leave them as they found them. Making and removing them for each job is
/// slow where it matters most, above all on ext4 without a journal, which looks at every inode that was freed within the
/// last minutes before it makes a new one. What goes round costs a rename, and a job that leaves little behind frees no inode at all.
final class LayoutPool: Sendable {
  /// Trees that wait for a job, at most.
  private static let capacity = 64
  /// Trees that are made ahead at the start.
  private static let initialCount = 8
  /// A tree with more left-over files than this is removed as a whole instead.
  private static let mostLeftovers = 64

  private let folder: String
  private let ready = Mutex<[String]>([])
  private let pipes = Mutex<[String]>([])

  /// `folder` is the pool's own.
  init(folder: String) { self.folder = folder }

  /// Moves what an earlier daemon left to the trash: a power cut may have torn it. To be called before the first loan.
  func discard(to trash: String) throws(SystemError) {
    if Files.exists(folder) {
      try Files.rename(folder, to: "\(trash)/layouts-\(Identifier.random(bytes: 8))", durable: false)
    }
    try Files.makeFolder(folder, mode: 0o700)
  }

  /// Makes the first trees. Jobs that come earlier get trees of their own.
  func stock() throws(SystemError) {
    for _ in 0..<Self.initialCount {
      let tree = newName()
      try make(TrainingLayout(base: tree))
      ready.withLock { $0.append(tree) }
    }
  }

  /// Puts an empty tree at the layout's base. One that is there already stays: its data may be worth keeping.
  func lend(to layout: TrainingLayout) throws(SystemError) {
    if !Files.exists(layout.base), let tree = ready.withLock({ $0.popLast() }) {
      do { return try Files.rename(tree, to: layout.base, durable: false) } catch  where error.code == EXDEV {
        // The jobs' folder is on a disk of its own: nothing can go round.
        ready.withLock { $0.append(tree) }
      }
    }
    try make(layout)
  }

  /// Takes a tree back: cleaned when little is left in it and nobody changed its folders, else removed.
  func takeBack(_ layout: TrainingLayout) throws(SystemError) {
    guard Files.exists(layout.base) else { return }
    guard ready.withLock({ $0.count }) < Self.capacity, try clean(layout) else {
      return try Files.remove(layout.base)
    }
    let tree = newName()
    do { try Files.rename(layout.base, to: tree, durable: false) } catch  where error.code == EXDEV {
      return try Files.remove(layout.base)
    }
    ready.withLock { $0.append(tree) }
  }

  /// Puts a pipe at the path, if one is to be had and none is there; else whoever launches makes one.
  func lendPipe(to path: String) throws(SystemError) {
    guard !Files.exists(path), let pipe = pipes.withLock({ $0.popLast() }) else { return }
    do { try Files.rename(pipe, to: path, durable: false) } catch  where error.code == EXDEV {
      pipes.withLock { $0.append(pipe) }
    }
  }

  /// Takes the pipe of an ended attempt back. It is empty: its shim has read all of it, and every writer has ended.
  func takeBackPipe(_ path: String) throws(SystemError) {
    guard let status = try Files.status(path) else { return }
    guard status.kind == .other, pipes.withLock({ $0.count }) < Self.capacity else { return try Files.remove(path) }
    let pipe = newName()
    do { try Files.rename(path, to: pipe, durable: false) } catch  where error.code == EXDEV {
      return try Files.remove(path)
    }
    pipes.withLock { $0.append(pipe) }
  }

  private func newName() -> String { "\(folder)/\(Identifier.random(bytes: 8))" }

  private static func folders(of layout: TrainingLayout) -> [String] {
    [layout.base, layout.input, layout.output] + layout.folders + [WorkerEnvironment.temporaryFolder(layout)]
  }

  private func make(_ layout: TrainingLayout) throws(SystemError) {
    for folder in Self.folders(of: layout) { try Files.makeFolder(folder) }
  }

  /// Removes what a job left. False when the tree is not worth it, or not as it was made.
  private func clean(_ layout: TrainingLayout) throws(SystemError) -> Bool {
    let folders = Self.folders(of: layout)
    let known = Set(folders)
    var leftovers: [String] = []
    for folder in folders {
      guard try Files.isPlainFolder(folder, mode: 0o755) else { return false }
      for name in try Files.names(in: folder) where !known.contains("\(folder)/\(name)") {
        leftovers.append("\(folder)/\(name)")
      }
      guard leftovers.count <= Self.mostLeftovers else { return false }
    }
    // The three configuration files are written anew for the next job.
    let rewritten = [layout.hyperparameters, layout.inputDataConfig, layout.resourceConfig]
    for path in leftovers where !rewritten.contains(path) { try Files.remove(path) }
    return true
  }
}
