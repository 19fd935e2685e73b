import ArchiveKit
import HostKit
import WorkerContract

/// Packs what an ended worker leaves behind.
struct Packing {
  private let folder: AttemptFolder
  private let layout: TrainingLayout
  private var failures: [String] = []

  init(folder: AttemptFolder) {
    self.folder = folder
    layout = TrainingLayout(base: folder.base)
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

  /// Complete under a temporary name first.
  private mutating func archive(_ source: String, as archive: String) -> PackedArchive? {
    let temporary = "\(archive).tmp"
    do {
      try Files.remove(temporary)
      let packed = try ArchivePacker.packTarGzip(folder: source, to: temporary)
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
