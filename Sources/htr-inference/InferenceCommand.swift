import ArgumentParser
import CHost
import Handwriting
import InferenceHost
import Logging
import Pages
import TensorKit

/// Serves models on a socket: `GET /ping`, `POST /invocations`.
@main
struct InferenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "htr-inference",
    abstract: "Serves words or pages: GET /ping, POST /invocations.",
    discussion: """
      A model is a folder with model.safetensors and config.json, as a training job leaves it. What config.json names as
      the algorithm decides what is served: text-recognition reads images of words, word-segmentation finds the words of
      pages, and both together read whole pages.
      Requests: image/jpeg, image/png, or application/json with an image in base64 or as an array of pixels; for words
      also several images, and crops of a page.
      """)

  @Option(help: "A model's folder, or one that holds models; may be given twice.") var model: [String]
  @Option(help: "A Unix socket to serve on (an absolute path).") var socket: String?
  @Option(help: "A TCP port of 127.0.0.1 to serve on; 0 lets the system choose.") var port: Int?
  @Option(help: "Threads that read; each takes a share of the words.") var threads = 1
  @Option(help: "Kernels: automatic, onednn, onednn-float32, openblas or reference.") var backend = "automatic"
  @Flag(help: "Read by best path, without language model and lexicon.") var bestPath = false

  func validate() throws {
    guard !model.isEmpty else { throw ValidationError("Give the folder of a model with --model.") }
    guard (socket == nil) != (port == nil) else { throw ValidationError("Give either --socket or --port.") }
    guard (1...64).contains(threads) else { throw ValidationError("--threads must be from 1 to 64.") }
    guard BackendChoice(rawValue: backend) != nil else {
      let names = BackendChoice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--backend must be one of \(names).")
    }
  }

  func run() async throws {
    // Pages come and go in large pieces: these are given back to the system at once, where the allocator would keep them.
    htr_return_large_memory(256 << 10)
    let address: InferenceSettings.Address =
      socket.map { .unixSocket(path: $0) } ?? .tcp(host: "127.0.0.1", port: port ?? 0)
    let models = ServedFolders(
      folders: try ModelFolders(model), kernels: BackendChoice(rawValue: backend) ?? .automatic, threads: threads,
      readsBestPath: bestPath, logger: Logger(label: "htr-inference"))
    try await InferenceHost.run(
      settings: models.settings(at: address), logger: models.logger,
      announce: { models.logger.info("\($0)") }, load: models.loading)
  }
}
