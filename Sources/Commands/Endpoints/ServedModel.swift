import Client
import HostKit
import JSONKit

/// The model that an endpoint is to serve: one that is there, or the containers of one that has to be made.
struct ServedModel {
  /// A model that is there and serves as it is.
  let existing: String?
  /// Names for a new one: the first that is free.
  var names: [String]
  /// As CreateModel takes them.
  let containers: [JSON]

  var images: [String] { containers.compactMap { $0["Image"]?.string } }

  /// Finds out what serves the sources; packs and stores the archives that the daemon has not got yet.
  init(_ sources: [ModelSource], options: ServingOptions, client: DaemonClient) throws {
    let base = sources.first?.baseName ?? "model"
    let fresh = ResourceName.fresh(base)
    let environment = try client.environment()
    var containers: [JSON] = []
    var isStored = false
    for (number, source) in sources.enumerated() {
      let key = sources.count == 1 ? fresh : "\(fresh)/\(number + 1)"
      let making = ContainerMaking(options: options, environment: environment, client: client, folder: key)
      let (parts, stored) = try making.containers(of: source)
      containers += parts
      isStored = isStored || stored
    }
    self.containers = try Self.inOrder(containers)
    // A job's model is called like the job; whatever differs from it gets a name of its own.
    let isPlainJob =
      if case .job? = sources.first?.origin, sources.count == 1, !isStored, options.env.isEmpty, options.image == nil {
        true
      } else {
        false
      }
    names = isPlainJob ? [base, fresh] : [fresh]
    existing =
      if case .model(let record)? = sources.first?.origin, sources.count == 1, record.containers == containers {
        record.name
      } else {
        nil
      }
  }

  /// Words are found first, then read.
  private static func inOrder(_ containers: [JSON]) throws -> [JSON] {
    func isOf(_ algorithm: String) -> (JSON) -> Bool {
      { ($0["Image"]?.string ?? "").split(separator: ":").first.map(String.init) == "htr/\(algorithm)" }
    }
    guard containers.count == 2 else { return containers }
    for algorithm in ["word-segmentation", "text-recognition"] where containers.allSatisfy(isOf(algorithm)) {
      throw Failure(
        "two sources", "both are models of \(algorithm)",
        advice: "Pages need one that finds words (word-segmentation) and one that reads them (text-recognition).")
    }
    return isOf("text-recognition")(containers[0]) && isOf("word-segmentation")(containers[1])
      ? containers.reversed() : containers
  }

  /// Makes the model unless it is there; answers its name.
  func create(in undertaking: inout Undertaking, role: String, tags: [JSON]) throws -> String {
    if let existing { return existing }
    var body = JSON.Object([("ExecutionRoleArn", .string(role))])
    if containers.count == 1 {
      body["PrimaryContainer"] = containers[0]
    } else {
      body["Containers"] = .array(containers)
    }
    if !tags.isEmpty { body["Tags"] = .array(tags) }
    return try undertaking.create(.model, named: names, body)
  }

  /// What to type to try the endpoint.
  func trial(endpoint: String) -> String {
    let kinds = images.map { $0.split(separator: ":").first.map(String.init) ?? $0 }
    switch kinds {
    case ["htr/page"], ["htr/word-segmentation", "htr/text-recognition"]:
      return "htrctl read page.jpg --page-endpoint \(endpoint)"
    case ["htr/word-segmentation"]: return "htrctl invoke \(endpoint) page.jpg"
    case ["htr/text-recognition"]: return "htrctl invoke \(endpoint) word.png"
    default: return "htrctl invoke \(endpoint) FILE"
    }
  }
}
