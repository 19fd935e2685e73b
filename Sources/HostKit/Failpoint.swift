import Glibc

/// Places where a test can kill this process as `kill -9` would.
///
/// `HTR_FAILPOINTS` names a folder; a file there that bears a failpoint's name arms it. Whoever reaches the failpoint
/// first removes the file and dies, so that a point fires once, in whichever process comes by, and the restarted
/// process goes on. Without the variable a failpoint costs one comparison.
public enum Failpoint: String, CaseIterable, Sendable {
  // Daemon
  case afterJobCommitted, afterSlotGranted, afterFolderPrepared, afterShimLaunched
  case afterWorkerStartRecorded, afterStopRecorded, beforeEndRecorded, afterArtifactPublished
  case afterEndRecorded, duringChannelCopy, afterEndpointCommitted, afterWorkerLaunched
  case afterTransformCommitted, afterTransformOutput, afterAsyncOutput
  // Bucket store
  case storeBeforeObjectNamed, storeAfterObjectNamed, storeBeforeUploadNamed, storeBeforePartNamed
  case storeAfterPartsJoined, storeAfterUploadPublished
  // Shim
  case shimBeforeRecord, shimBeforeSpawn, shimAfterSpawn, shimAfterWorkerExit, shimAfterExitRecorded
  case shimBeforeArchiveRename, shimAfterArchiveRename, shimBeforeEndRecord, shimAfterEndRecord

  private static let folder: String? = getenv("HTR_FAILPOINTS").map { String(cString: $0) }

  public func hit() {
    guard let folder = Self.folder else { return }
    if unlink("\(folder)/\(rawValue)") == 0 { kill(getpid(), SIGKILL) }
  }
}
