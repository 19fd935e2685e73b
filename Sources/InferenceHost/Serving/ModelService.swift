import Dispatch
import Logging
import ServiceLifecycle

/// Loads the model in the background and keeps it in service until the worker ends.
struct ModelService<Model: ServedModel>: Service {
  let batcher: ReadingBatcher<Model>
  let grace: Duration
  let load: @Sendable () throws -> Model
  let ready: @Sendable () -> Void

  /// - Throws: when the model cannot be loaded, or does not read its self-test: then the worker is of no use.
  func run() async throws {
    defer { batcher.drain(within: grace) }
    let loaded = startLoading()
    try await cancelWhenGracefulShutdown {
      // One element; the stream stays open, so that this goes on until the worker is told to end, be the model loaded
      // by then or not.
      for await model in loaded {
        batcher.serve(with: try model.get())
        ready()
      }
    }
  }

  private func startLoading() -> AsyncStream<Result<Model, ModelLoadingFailure>> {
    let (stream, continuation) = AsyncStream.makeStream(of: Result<Model, ModelLoadingFailure>.self)
    DispatchQueue(label: "htr.loading", qos: .userInitiated).async { [load] in
      do {
        let model = try load()
        try model.passSelfTest()
        continuation.yield(.success(model))
      } catch let failure as ReaderFailure {
        continuation.yield(
          .failure(ModelLoadingFailure("the model does not read the built-in test image: \(failure.reason)")))
      } catch {
        continuation.yield(.failure(ModelLoadingFailure("the model cannot be loaded: \(error)")))
      }
    }
    return stream
  }
}

/// Why a worker ends before it has served.
public struct ModelLoadingFailure: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
