import Glibc
import HostKit
import JSONKit
import Synchronization
import Testing

@testable import Commands

/// A daemon that knows jobs, models, configurations and endpoints just well enough for the verbs about them.
final class FakeServing: Sendable {
  struct State {
    var jobs: [String: String] = [:]
    var models: [String: JSON] = [:]
    var configs: [String: JSON] = [:]
    /// Records as `/htr/v1/endpoints/NAME` answers them, one after the other; the last one stays. Empty: gone.
    var endpoints: [String: [String]] = [:]
    /// What new and changed endpoints go through.
    var course = ["InService"]
    var refusals: [String: (status: Int, body: String)] = [:]
    var lost: Set<String> = []
    var invoke: (@Sendable (FakeDaemon.Request) -> FakeDaemon.Answer)?
  }

  private let state: Mutex<State>
  private let server = Mutex<FakeDaemon?>(nil)
  let home: String

  init(_ home: String, _ prepare: (inout State) -> Void = { _ in }) throws {
    self.home = home
    var state = State()
    prepare(&state)
    self.state = Mutex(state)
    let daemon = try FakeDaemon("\(home)/htrd.sock") { [weak self] in self?.answer(to: $0) ?? .lost }
    server.withLock { $0 = daemon }
  }

  deinit { server.withLock { $0?.stop() } }

  var requests: [FakeDaemon.Request] { server.withLock { $0?.requests ?? [] } }
  var models: [String] { state.withLock { $0.models.keys.sorted() } }
  var configs: [String] { state.withLock { $0.configs.keys.sorted() } }
  var endpoints: [String] { state.withLock { $0.endpoints.keys.sorted() } }

  /// The body of the only call of this action.
  func call(_ action: String) throws -> JSON {
    let bodies = requests.filter { $0.action == action }.map(\.body)
    try #require(bodies.count == 1, "\(action) was called \(bodies.count) times")
    return try JSON(parsing: bodies[0])
  }

  func actions() -> [String] { requests.compactMap(\.action) }

  // MARK: Answers

  static func record(
    _ name: String, _ status: String, version: Int = 1, config: String? = nil, more: String = "", htr: String = "",
    variants: String =
      #"{"VariantName":"AllTraffic","DeployedImages":[{"SpecifiedImage":"htr/page"}],"CurrentWeight":1,"DesiredWeight":1,"CurrentInstanceCount":1,"DesiredInstanceCount":1}"#
  ) -> String {
    """
    {"Version":\(version),"Endpoint":{"EndpointName":"\(name)","EndpointConfigName":"\(config ?? name)",\
    "EndpointStatus":"\(status)","CreationTime":1700000000,"LastModifiedTime":1700000001,\
    "ProductionVariants":[\(variants)]\(more)},"Htr":{"Workers":[]\(htr)}}
    """
  }

  private static func missing(_ kind: String, _ name: String) -> FakeDaemon.Answer {
    .refusal(
      status: 400, body: #"{"__type":"ValidationException","message":"Could not find \#(kind) \"\#(name)\"."}"#)
  }

  private static func taken(_ kind: String, _ name: String) -> FakeDaemon.Answer {
    .refusal(
      status: 400,
      body: #"{"__type":"ValidationException","message":"Cannot create already existing \#(kind) \"\#(name)\"."}"#)
  }

  private func answer(to request: FakeDaemon.Request) -> FakeDaemon.Answer {
    let parts = request.target.split(separator: "?")[0].split(separator: "/").map(String.init)
    return state.withLock { state in
      if request.target == "/htr/v1/environment" { return .json(environmentJSON) }
      if request.method == "PUT" { return Self.stored(request) }
      if parts.first == "endpoints" { return state.invoke?(request) ?? .lost }
      if request.target.contains("/log?") { return .bytes(Array("loading\nTraceback: no weights\n".utf8)) }
      switch (parts.count == 4 ? parts[2] : "", request.action) {
      case ("training-jobs", _): return Self.job(parts[3], state)
      case ("models", _): return Self.model(parts[3], state)
      case ("endpoints", _): return Self.endpoint(parts[3], &state)
      case (_, let action?): return Self.act(action, request, &state)
      default: return .refusal(status: 404, body: "{}")
      }
    }
  }

  private static func stored(_ request: FakeDaemon.Request) -> FakeDaemon.Answer {
    .bytes([])
  }

  private static func job(_ name: String, _ state: State) -> FakeDaemon.Answer {
    state.jobs[name].map { .json($0) }
      ?? .refusal(status: 400, body: #"{"__type":"ValidationException","message":"Requested resource not found."}"#)
  }

  private static func model(_ name: String, _ state: State) -> FakeDaemon.Answer {
    state.models[name].map { .json((["Model": $0] as JSON).text) } ?? missing("model", name)
  }

  private static func endpoint(_ name: String, _ state: inout State) -> FakeDaemon.Answer {
    guard let records = state.endpoints[name], let first = records.first else {
      state.endpoints[name] = nil
      return missing("endpoint", name)
    }
    // An empty text: from then on there is none.
    if first.isEmpty {
      state.endpoints[name] = nil
      return missing("endpoint", name)
    }
    if records.count > 1 { state.endpoints[name]?.removeFirst() }
    return .json(first)
  }

  private static func act(_ action: String, _ request: FakeDaemon.Request, _ state: inout State) -> FakeDaemon.Answer {
    if let refusal = state.refusals[action] { return .refusal(status: refusal.status, body: refusal.body) }
    // The tests send JSON only.
    let body = (try? JSON(parsing: request.body)) ?? .null
    let isLost = state.lost.contains(action)
    let answer = carryOut(action, body, &state)
    return isLost ? .lost : answer
  }

  private static func carryOut(_ action: String, _ body: JSON, _ state: inout State) -> FakeDaemon.Answer {
    let model = body["ModelName"]?.string ?? ""
    let config = body["EndpointConfigName"]?.string ?? ""
    let endpoint = body["EndpointName"]?.string ?? ""
    switch action {
    case "CreateModel":
      guard state.models[model] == nil else { return taken("model", model) }
      state.models[model] = body
    case "CreateEndpointConfig":
      guard state.configs[config] == nil else { return taken("endpoint configuration", config) }
      state.configs[config] = body
    case "CreateEndpoint", "UpdateEndpoint":
      if action == "CreateEndpoint", state.endpoints[endpoint] != nil { return taken("endpoint", endpoint) }
      state.endpoints[endpoint] = state.course.enumerated().map {
        $1.hasPrefix("{") ? $1 : record(endpoint, $1, version: $0 + 1, config: config)
      }
    case "UpdateEndpointWeightsAndCapacities": break
    case "DescribeModel": return state.models[model].map { .json($0.text) } ?? missing("model", model)
    case "DescribeEndpointConfig":
      return state.configs[config].map { .json($0.text) } ?? missing("endpoint configuration", config)
    case "DescribeEndpoint":
      return state.endpoints[endpoint] == nil ? missing("endpoint", endpoint) : .json("{}")
    case "DeleteModel": state.models[model] = nil
    case "DeleteEndpointConfig": state.configs[config] = nil
    case "DeleteEndpoint":
      if state.endpoints[endpoint] == nil { return missing("endpoint", endpoint) }
      state.endpoints[endpoint] = [record(endpoint, "Deleting", version: 90), ""]
    default: return list(action, body, state)
    }
    return .json("{}")
  }

  private static func list(_ action: String, _ body: JSON, _ state: State) -> FakeDaemon.Answer {
    func rows(_ member: String, _ name: String, _ names: [String]) -> FakeDaemon.Answer {
      .json((JSON.object(.init([(member, .array(names.map { .object(.init([(name, .string($0))])) }))]))).text)
    }
    switch action {
    case "ListEndpoints": return rows("Endpoints", "EndpointName", state.endpoints.keys.sorted())
    case "ListEndpointConfigs": return rows("EndpointConfigs", "EndpointConfigName", state.configs.keys.sorted())
    case "ListModels": return rows("Models", "ModelName", state.models.keys.sorted())
    case "ListTrainingJobs":
      return rows("TrainingJobSummaries", "TrainingJobName", state.jobs.keys.sorted().reversed())
    default: return .refusal(status: 400, body: #"{"__type":"UnknownOperationException","message":"\#(action)"}"#)
    }
  }

  /// The names of an archive's files, in its order.
  static func files(inArchive path: String, home: String) throws -> [String] {
    let printed = htrctl(["model", "verify", path, "--json"], home: home)
    let members = try JSON(parsing: printed.output)["Members"]?.array ?? []
    return members.filter { $0["IsFolder"] == false }.compactMap { $0["Path"]?.string }
  }

  /// The record of a completed job whose model lies in a bucket.
  static func job(_ name: String, image: String? = nil, algorithm: String? = nil, path: String = "/nowhere") -> String {
    let specification =
      image.map { #""TrainingImage":"\#($0)""# } ?? #""AlgorithmName":"\#(algorithm ?? "text-recognition")""#
    return recordJSON(
      name, status: "Completed",
      more:
        #","AlgorithmSpecification":{\#(specification)},"ModelArtifacts":{"S3ModelArtifacts":"s3://b/\#(name)/output/model.tar.gz"}"#
    ).replacing(#""ModelArtifactPath":"/h/model.tar.gz""#, with: #""ModelArtifactPath":"\#(path)""#)
  }
}
