import Dispatch
import Glibc
public import HostKit
import Synchronization
public import WorkerContract

/// Starts, watches and stops shims. Safe from any thread; calls may block for about a millisecond, so make them off the
/// cooperative pool.
///
/// A shim that goes without an end record in its folder was killed: launch it again, and it goes on where the records
/// end. Until then the launcher keeps the attempt's pipe open, so that no output is lost.
public final class ShimLauncher: Sendable {
  private struct State {
    var nursery: NurseryProcess?
    var nurseryWatch: Readiness?
    var watches: [String: ShimWatch] = [:]
    /// Pipes of attempts whose shim was killed, until the next shim.
    var orphanedPipes: [String: HeldPipe] = [:]
    var isShutDown = false
  }

  private let executable: String
  private let notices: NoticeListener
  private let queue = DispatchQueue(label: "htr.launching")
  private let state = Mutex(State())

  /// Binds the socket on which notices arrive and starts the nursery. Notices and ends come one at a time, on a
  /// queue of the launcher's own.
  public init(
    shimExecutable: String, noticeSocket: String,
    onNotice: @escaping @Sendable (ShimNotice) -> Void
  ) throws(SystemError) {
    executable = shimExecutable
    notices = try NoticeListener(path: noticeSocket, queue: queue, onNotice: onNotice)
    do {
      try state.withLock { state throws(SystemError) in try startNursery(&state) }
    } catch {
      notices.end()
      throw error
    }
  }

  deinit { shutDown() }

  /// Gets a shim to work on the attempt: a living one is adopted, else one is forked. With a shim of this token already
  /// watched nothing happens. `onGone` is called exactly once, when the shim has ended, however it ended.
  public func launch(
    _ folder: AttemptFolder, token: String, onGone: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    try state.withLock { state throws(SystemError) in
      guard !state.isShutDown else { throw SystemError("launch", folder.path, code: ESHUTDOWN) }
      if state.watches[token] != nil { return }
      var pipe = state.orphanedPipes.removeValue(forKey: token)
      if pipe == nil { pipe = try HeldPipe(folder, create: true) }
      if let living = LivingShim.find(folder) {
        state.nursery?.hold(folder.path)
        watch(folder, token, living, pipe, &state, onGone)
      } else {
        watch(folder, token, try fork(folder, &state), pipe, &state, onGone)
      }
    }
  }

  /// Watches the shim that already works on the attempt, if there is one: after a restart of the daemon. False when
  /// none does; `onGone` is not called then.
  public func adopt(
    _ folder: AttemptFolder, token: String, onGone: @escaping @Sendable () -> Void
  ) -> Bool {
    state.withLock { state in
      if state.watches[token] != nil { return true }
      guard !state.isShutDown, let handle = LivingShim.find(folder) else { return false }
      // Without the pipe in hand only the output of a shim that is killed is at risk: no reason to leave it unwatched.
      let pipe = try? HeldPipe(folder, create: false)
      state.nursery?.hold(folder.path)
      watch(folder, token, handle, pipe, &state, onGone)
      return true
    }
  }

  /// Orders the worker to stop. The order is durable before the shim hears of it; a shim that starts later finds it.
  public func stop(
    _ folder: AttemptFolder, token: String, order: StopOrder
  ) throws(SystemError) {
    try order.write(to: folder.stop, durable: true)
    let handle = state.withLock { $0.watches[token]?.handle } ?? LivingShim.find(folder)
    handle?.send(SIGTERM)
  }

  /// True from `launch` or `adopt` until just before `onGone`.
  public func isWatching(token: String) -> Bool {
    state.withLock { $0.watches[token] != nil }
  }

  /// Gives an attempt up whose shim is gone and will not be launched again: closes its pipe.
  public func forget(token: String) {
    state.withLock { _ = $0.orphanedPipes.removeValue(forKey: token) }
  }

  /// Ends the nursery and stops listening; the shims go on. No `onGone` is called from here on.
  public func shutDown() {
    state.withLock { state in
      guard !state.isShutDown else { return }
      state.isShutDown = true
      notices.end()
      for watch in state.watches.values { watch.readiness.cancel() }
      state.watches = [:]
      state.orphanedPipes = [:]
      state.nurseryWatch?.cancel()
      state.nursery?.leave()
      state.nursery = nil
    }
  }
}

// MARK: Watching

extension ShimLauncher {
  private func watch(
    _ folder: AttemptFolder, _ token: String, _ handle: ProcessHandle, _ pipe: HeldPipe?,
    _ state: inout State, _ onGone: @escaping @Sendable () -> Void
  ) {
    let readiness = Readiness(
      of: handle.descriptor, queue: queue,
      onReadable: { [weak self] in self?.shimEnded(handle, token: token) },
      onRelease: { withExtendedLifetime(handle) {} })
    state.watches[token] = ShimWatch(
      folder: folder, handle: handle, pipe: pipe, onGone: onGone, readiness: readiness)
  }

  private func shimEnded(_ handle: ProcessHandle, token: String) {
    let gone: ShimWatch? = state.withLock { state in
      guard let watch = state.watches[token], watch.handle === handle else { return nil }
      watch.readiness.cancel()
      state.watches[token] = nil
      if Files.exists(watch.folder.end) { return watch }
      // It may have given way to another one, which a nursery that died forked without a chance to say so.
      if let other = LivingShim.find(watch.folder) {
        self.watch(watch.folder, token, other, watch.pipe, &state, watch.onGone)
        return nil
      }
      state.orphanedPipes[token] = watch.pipe
      return watch
    }
    gone?.onGone()
  }
}

// MARK: Nursery

extension ShimLauncher {
  /// Forks a shim; a nursery that has died is replaced once.
  private func fork(
    _ folder: AttemptFolder, _ state: inout State
  ) throws(SystemError) -> ProcessHandle {
    if let nursery = state.nursery {
      do {
        return try nursery.launch(folder.path).handle
      } catch {
        endNursery(&state)
      }
    }
    try startNursery(&state)
    guard let nursery = state.nursery else { throw SystemError("start", executable, code: ECHILD) }
    return try nursery.launch(folder.path).handle
  }

  private func startNursery(_ state: inout State) throws(SystemError) {
    let nursery = try NurseryProcess(executable: executable)
    state.nursery = nursery
    for watch in state.watches.values { nursery.hold(watch.folder.path) }
    guard let handle = nursery.openHandle() else { return }
    let started = DispatchTime.now()
    state.nurseryWatch = Readiness(
      of: handle.descriptor, queue: queue,
      onReadable: { [weak self] in self?.nurseryEnded(nursery, started: started) },
      onRelease: { withExtendedLifetime(handle) {} })
  }

  /// A nursery that did its work is replaced at once; one that fell over at its start not before the next launch.
  private func nurseryEnded(_ nursery: NurseryProcess, started: DispatchTime) {
    state.withLock { state in
      guard state.nursery === nursery else { return }
      endNursery(&state)
      guard DispatchTime.now() > started + .seconds(1) else { return }
      // Should this fail, the next launch tries again and tells its caller why.
      try? startNursery(&state)
    }
  }

  private func endNursery(_ state: inout State) {
    state.nurseryWatch?.cancel()
    state.nurseryWatch = nil
    state.nursery?.end()
    state.nursery = nil
  }
}
