import WorkerContract

/// What `htr-worker serve` was asked to do.
struct ServeRequest {
  let algorithm: String
  let model: String
  let socket: String

  /// - Parameter arguments: `NAME --model FOLDER --socket PATH`, the options in any order.
  init(_ arguments: ArraySlice<String>) throws(AlgorithmFailure) {
    var rest = arguments
    guard let name = rest.popFirst(), !name.hasPrefix("-") else {
      throw Self.refusal("which algorithm shall be served?")
    }
    var values: [String: String] = [:]
    while let option = rest.popFirst() {
      guard ["--model", "--socket"].contains(option) else { throw Self.refusal("\(option) is unknown") }
      guard let value = rest.popFirst(), !value.isEmpty else { throw Self.refusal("\(option) has no value") }
      guard values.updateValue(value, forKey: option) == nil else { throw Self.refusal("\(option) is there twice") }
    }
    guard let model = values["--model"] else { throw Self.refusal("--model FOLDER is missing") }
    guard let socket = values["--socket"] else { throw Self.refusal("--socket PATH is missing") }
    (algorithm, self.model, self.socket) = (name, model, socket)
  }

  private static func refusal(_ reason: String) -> AlgorithmFailure {
    AlgorithmFailure(.badRequest, "serve: \(reason).\n\(WorkerProgram.usage)")
  }

  /// Serves until SIGTERM.
  func run(_ log: WorkerLog) throws(AlgorithmFailure) {
    let kind = try AlgorithmRegistry.known(algorithm)
    guard kind == MockAlgorithm.self else {
      throw AlgorithmFailure(
        .badRequest,
        "Models of \(algorithm) are served by htr-inference: htr-inference --model FOLDER --socket PATH")
    }
    try MockServer.run(model: model, socket: socket, log: log)
  }
}
