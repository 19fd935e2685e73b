import Glibc
public import Handwriting
public import Logging
import NIOCore
public import Pages
import ServiceLifecycle
import UnixSignals

/// The worker side of serving: answers `GET /ping` and `POST /invocations`, for words or for pages.
public enum InferenceHost {
  /// Something that whoever started the worker may wait for.
  public enum Milestone: Sendable, Equatable {
    /// The address answers; the port is the one in use, for TCP.
    case listening(port: Int?)
    /// The model is loaded and has read its self-test.
    case ready
  }

  /// What is served, and how it is loaded. Loading is done once, on a thread of its own.
  public enum Loading: Sendable {
    /// Images of words in, texts out.
    case words(@Sendable () throws -> any WordReader)
    /// Images of pages in, words in reading order out; read, if the page reader reads.
    case pages(@Sendable () throws -> PageReader)
  }

  /// Serves until SIGTERM or SIGINT: then no more connections are taken, requests in hand get the grace time to finish,
  /// and this returns. The address answers before the model is loaded (`/ping` with 503), so that whoever started the
  /// worker can tell "not yet" from "not there".
  /// - Parameter announce: told of each milestone once, in whichever order they come.
  /// - Throws: `InvalidInferenceSettings`; what hinders opening the address; `ModelLoadingFailure`.
  public static func run(
    settings: InferenceSettings, logger: Logger,
    announce: @escaping @Sendable (Milestone) -> Void = { _ in },
    load: Loading
  ) async throws {
    do {
      switch load {
      case .words(let load):
        let worker = try InferenceWorker<ServedWords>(settings: settings, logger: logger)
        try await worker.run(announce: announce) { ServedWords(reader: try load()) }
      case .pages(let load):
        let worker = try InferenceWorker<ServedPages>(settings: settings, logger: logger)
        try await worker.run(announce: announce) { ServedPages(reader: try load()) }
      }
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw InvalidInferenceSettings(faults: [
        "\(settings.address) is in use by another program: stop it, or give the worker another address"
      ])
    }
    logger.info("stopped")
  }
}

extension InferenceWorker {
  fileprivate func run(
    announce: @escaping @Sendable (InferenceHost.Milestone) -> Void,
    load: @escaping @Sendable () throws -> Model
  ) async throws {
    try await group(signals: [.sigterm, .sigint], announce: announce, load: load).run()
  }
}
