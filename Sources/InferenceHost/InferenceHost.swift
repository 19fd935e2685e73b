import Glibc
public import Handwriting
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The worker side of serving: answers `GET /ping` and `POST /invocations` for one model.
public enum InferenceHost {
  /// Something that whoever started the worker may wait for.
  public enum Milestone: Sendable, Equatable {
    /// The address answers; the port is the one in use, for TCP.
    case listening(port: Int?)
    /// The model is loaded and has read its self-test.
    case ready
  }

  /// Serves until SIGTERM or SIGINT: then no more connections are taken, requests in hand get the grace time to finish,
  /// and this returns. The address answers before the model is loaded (`/ping` with 503), so that whoever started the
  /// worker can tell "not yet" from "not there".
  /// - Parameters:
  ///   - announce: told of each milestone once, in whichever order they come.
  ///   - load: called once, on a thread of its own.
  /// - Throws: `InvalidInferenceSettings`; what hinders opening the address; `ModelLoadingFailure`.
  public static func run(
    settings: InferenceSettings, logger: Logger, announce: @escaping @Sendable (Milestone) -> Void = { _ in },
    load: @escaping @Sendable () throws -> any WordReader
  ) async throws {
    let worker = try InferenceWorker(settings: settings, logger: logger)
    do {
      try await worker.group(signals: [.sigterm, .sigint], announce: announce, load: load).run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw InvalidInferenceSettings(faults: [
        "\(settings.address) is in use by another program: stop it, or give the worker another address"
      ])
    }
    logger.info("stopped")
  }
}
