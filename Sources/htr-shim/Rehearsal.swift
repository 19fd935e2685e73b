import ArchiveKit
import Glibc
import HostKit
import JSONKit
import WorkerContract

/// Does once, in the nursery, what every shim does on its way to the worker's start and end. Types and conformances are
/// prepared at their first use; what the nursery has prepared, its shims inherit.
enum Rehearsal {
  static func run() {
    let spec = LaunchSpec(
      token: "rehearsal", executable: "/bin/true", arguments: ["a"], environment: ["A": "b"],
      workingFolder: "/", log: "/log", logIndex: "/index", noticeSocket: "/notices",
      maximumRuntimeSeconds: 1.5, memoryLimitBytes: 1)
    let exit = WorkerExit(
      outcome: .exited, code: 0, startedAt: .now(), endedAt: .now(), cpuSeconds: 0.001)
    let archive = PackedArchive(file: "a", sha256: "b", size: 1, members: 1)
    let end = AttemptEnd(exit: exit, model: archive, output: nil, packingFailure: nil)
    repeated(spec)
    repeated(end)
    if let identity = ProcessIdentity(of: getpid()) {
      repeated(ProcessRecord(identity: identity, startedAt: .now()))
    }
    repeated(ShimNotice(token: spec.token, event: .packing(at: .now())))
    _ = ["\(spec.workingFolder)/a": Identifier.random(bytes: 4)].map { "\($0.key)=\($0.value)" }
    withCStrings(spec.arguments) { _ in }
    packNothing()
  }

  /// Packs an empty folder, so that libarchive and zlib are ready too. Whatever fails here fails openly in a real shim.
  private static func packNothing() {
    let folder = "/tmp/htr-rehearsal-\(Identifier.random(bytes: 8))"
    let archive = "\(folder).tar.gz"
    try? Files.makeFolder(folder, mode: 0o700)
    _ = try? ArchivePacker.packTarGzip(folder: folder, to: archive)
    for path in [archive, folder] { try? Files.remove(path) }
  }

  private static func repeated(_ record: some RecordConvertible) {
    // Nothing is read from outside here; a failure would show in the first real record.
    guard let json = try? JSON(parsing: record.json.bytes) else { return }
    _ = type(of: record).init(json: json)
  }
}
