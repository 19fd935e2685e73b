import ArgumentParser
import Handwriting
import InferenceHost
import Logging
import TensorKit

/// Serves one recognition model on a socket: `GET /ping`, `POST /invocations`.
@main
struct InferenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "htr-inference",
    abstract: "Serves a text recognition model: GET /ping, POST /invocations.",
    discussion: """
      The model is a folder with model.safetensors and config.json, as a training job leaves it.
      Requests: image/jpeg, image/png, or application/json with images in base64, crops of a page, or pixel arrays.
      """)

  @Option(help: "The model's folder.") var model: String
  @Option(help: "A Unix socket to serve on (an absolute path).") var socket: String?
  @Option(help: "A TCP port of 127.0.0.1 to serve on; 0 lets the system choose.") var port: Int?
  @Option(help: "Threads that read; each takes a share of a batch.") var threads = 1
  @Option(help: "Kernels: automatic, onednn, onednn-float32, openblas or reference.") var backend = "automatic"
  @Flag(help: "Read by best path, without language model and lexicon.") var bestPath = false

  func validate() throws {
    guard (socket == nil) != (port == nil) else { throw ValidationError("Give either --socket or --port.") }
    guard (1...64).contains(threads) else { throw ValidationError("--threads must be from 1 to 64.") }
    guard BackendChoice(rawValue: backend) != nil else {
      let names = BackendChoice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--backend must be one of \(names).")
    }
  }

  func run() async throws {
    let choice = BackendChoice(rawValue: backend) ?? .automatic
    let address: InferenceSettings.Address =
      socket.map { .unixSocket(path: $0) } ?? .tcp(host: "127.0.0.1", port: port ?? 0)
    let logger = Logger(label: "htr-inference")
    try await InferenceHost.run(
      settings: InferenceSettings(address: address), logger: logger,
      announce: { logger.info("\($0)") },
      load: { [model, threads, bestPath] in
        let backends = try (0..<threads).map { _ in try choice.make() }
        logger.info("backend", metadata: ["kernels": "\(backends[0].description)", "threads": "\(threads)"])
        return try NetworkReader(RecognitionModel(folder: model), backends: backends, readsBestPath: bestPath)
      })
  }
}
