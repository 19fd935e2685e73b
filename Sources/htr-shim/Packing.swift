import ArchiveKit
import Glibc
import HostKit
import WorkerContract

/// Packs what an ended worker leaves behind.
struct Packing {
  private let folder: AttemptFolder
  private let layout: TrainingLayout
  /// Called when packing waits for room on the disk.
  private let onWait: () -> Void
  private var failures: [String] = []

  init(folder: AttemptFolder, onWait: @escaping () -> Void) {
    self.folder = folder
    self.onWait = onWait
    layout = TrainingLayout(base: folder.base)
  }

  /// Bytes that are packed before anybody looks.
  private static let quicklyPacked: Int64 = 4 << 20

  /// True when it is worth saying that packing goes on.
  static func takesLong(_ folder: AttemptFolder) -> Bool {
    let layout = TrainingLayout(base: folder.base)
    return Files.bytesOnDisk(below: layout.model) + Files.bytesOnDisk(below: layout.outputData) > quicklyPacked
  }

  /// The model when the exit keeps it, the output whenever there is any. A failure is part of the answer: packing again
  /// would fail again, and what could be packed still counts.
  func pack(after exit: WorkerExit, packsModel: Bool) -> AttemptEnd {
    var packing = self
    let model =
      exit.keepsModel && packsModel
      ? packing.archive(layout.model, as: folder.modelArchive) : nil
    let output =
      packing.hasEntries(layout.outputData)
      ? packing.archive(layout.outputData, as: folder.outputArchive) : nil
    let failure = packing.failures.isEmpty ? nil : packing.failures.joined(separator: "; ")
    return AttemptEnd(exit: exit, model: model, output: output, packingFailure: failure)
  }

  private mutating func hasEntries(_ path: String) -> Bool {
    guard Files.exists(path) else { return false }
    do {
      return try !Files.names(in: path).isEmpty
    } catch {
      failures.append(error.description)
      return false
    }
  }

  /// A full disk must not cost the work of days: packing waits until there is room.
  private func packPatiently(_ source: String, to path: String) throws -> PackedResult {
    while true {
      try Files.remove(path)
      do {
        return try ArchivePacker.packTarGzip(folder: source, to: path)
      } catch {
        guard error.cause?.isFull == true else { throw error }
        onWait()
        poll(nil, 0, 1000)
      }
    }
  }

  /// Complete under a temporary name first.
  private mutating func archive(_ source: String, as archive: String) -> PackedArchive? {
    let temporary = "\(archive).tmp"
    do {
      let packed = try packPatiently(source, to: temporary)
      Failpoint.shimBeforeArchiveRename.hit()
      try Files.rename(temporary, to: archive, durable: false)
      Failpoint.shimAfterArchiveRename.hit()
      return PackedArchive(
        file: Files.name(of: archive), sha256: packed.sha256, size: packed.size,
        members: packed.members)
    } catch {
      failures.append("cannot pack \(source): \(error)")
      // The half archive only takes room; should it stay, it is overwritten or deleted with the attempt.
      try? Files.remove(temporary)
      return nil
    }
  }
}
