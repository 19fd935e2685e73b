import Glibc
import HostKit

/// Fills the channels of a job: `input/data/CHANNEL/` gets copies of its source's files, laid out as SageMaker does.
///
/// No copy is a link through which a worker could reach the original. Where the file system can share blocks the
/// copies cost nothing. A channel appears at once and whole: it is filled beside its place and renamed, so after a
/// crash it is filled afresh or, when it was complete, left as it is. Calls block; run them on a thread of their own.
public struct ChannelMaterialiser: Sendable {
  public static let maximumFiles = 10_000_000

  private let store: BucketStore
  private let supply: (any ObjectSupply)?
  private let copier: FileCopier
  private let cache: ContentCache?
  private let isForbidden: @Sendable (String) -> Bool

  /// `cacheFolder` lies in HTR_HOME; it is used only where its file system can share blocks between files. Local paths
  /// that are forbidden are refused, whoever names them: the request or a manifest.
  public init(
    store: BucketStore, supply: (any ObjectSupply)? = nil, cacheFolder: String?,
    isForbidden: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws(StoreError) {
    try self.init(
      store: store, supply: supply, cacheFolder: cacheFolder, copier: .system, cacheCopier: .system,
      isForbidden: isForbidden)
  }

  init(
    store: BucketStore, supply: (any ObjectSupply)? = nil, cacheFolder: String?, copier: FileCopier,
    cacheCopier: FileCopier,
    isForbidden: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws(StoreError) {
    self.isForbidden = isForbidden
    self.store = store
    self.supply = supply
    self.copier = copier
    cache = if let cacheFolder { try ContentCache(folder: cacheFolder, copier: cacheCopier) } else { nil }
  }

  /// Fills one channel below `dataFolder` (the job's `input/data`).
  ///
  /// - Parameters:
  ///   - host: this host's index and the number of hosts, for sharded channels.
  ///   - isCancelled: asked between files and every few megabytes; true ends the call with `.cancelled`.
  ///   - progress: called at the beginning, at the end, and at most every 200 ms between.
  /// - Throws: messages begin with SageMaker's `Data download failed:`. After a failure nothing of the channel is left.
  public func fill(
    _ source: ChannelSource, in dataFolder: String, host: (index: Int, count: Int) = (0, 1),
    isCancelled: @escaping () -> Bool = { false },
    progress: @escaping (ChannelProgress) -> Void = { _ in }
  ) throws(StoreError) -> ChannelResult {
    let place = try ChannelPlace(source, in: dataFolder, host: host)
    if place.isFilled { return ChannelResult(files: 0, bytes: 0, wasFilled: true) }
    do {
      try place.clear()
      let plan = try ChannelPlan(
        source, store: store, supply: .init(source: supply, isCancelled: isCancelled), part: host.index,
        parts: host.count, maximumFiles: Self.maximumFiles,
        isForbidden: isForbidden)
      var meter = ProgressMeter(plan: plan, isCancelled: isCancelled, report: progress)
      try copy(plan, into: place.partial, meter: &meter)
      if let manifest = plan.manifest {
        try StoreError.wrapping { () throws(SystemError) in
          try Files.write(manifest, to: "\(place.partial)/\(source.name).manifest", durable: false)
        }
      }
      try place.publish()
      meter.finish()
      return ChannelResult(files: plan.items.count, bytes: meter.progress.bytesDone, wasFilled: false)
    } catch {
      // The error that stopped us says more than one about tidying up; the next try clears the place again.
      try? place.clear()
      throw error
    }
  }

  private func copy(_ plan: ChannelPlan, into folder: String, meter: inout ProgressMeter) throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in try Files.makeFolder(folder) }
    var lastParent = folder
    for item in plan.items {
      try meter.check()
      let destination = "\(folder)/\(item.destination)"
      let parent = Files.parent(of: destination)
      if !parent.utf8.elementsEqual(lastParent.utf8) {
        do throws(SystemError) { try Files.makeFolder(parent) } catch { throw collision(error, item, plan.source) }
        lastParent = parent
      }
      do {
        try copy(item, to: destination, meter: &meter)
      } catch {
        if let cause = error.cause, cause.code == EEXIST { throw collision(cause, item, plan.source) }
        guard error.code == .unreadableInput else { throw error }
        throw ChannelPlan.failure(error.code, error.message, cause: error.cause)
      }
      meter.endFile()
      Failpoint.duringChannelCopy.hit()
    }
  }

  private func copy(_ item: ChannelPlan.Item, to destination: String, meter: inout ProgressMeter) throws(StoreError) {
    if let cache, try !isOnSameFileSystem(item.path, destination),
      try cache.place(item.path, beneath: item.root, at: destination)
    {
      return try meter.add(item.size)
    }
    let isWhole = try copier.copy(item.path, beneath: item.root, to: destination) { (bytes) throws(StoreError) in
      try meter.add(bytes)
    }
    guard isWhole else {
      throw StoreError(
        .unreadableInput, "\(item.path) changed while it was copied; let nothing write to it and start the job again")
    }
  }

  private func isOnSameFileSystem(_ source: String, _ destination: String) throws(StoreError) -> Bool {
    var left = stat()
    var right = stat()
    guard stat(source, &left) == 0, stat(Files.parent(of: destination), &right) == 0 else { return true }
    return left.st_dev == right.st_dev
  }

  private func collision(_ cause: SystemError, _ item: ChannelPlan.Item, _ source: ChannelSource) -> StoreError {
    guard cause.code == EEXIST || cause.code == ENOTDIR else { return StoreError(cause) }
    return ChannelPlan.failure(
      .forbiddenInput,
      "two objects under \(source.uri) would both be '\(item.destination)' in the channel, or one the other's folder")
  }
}
