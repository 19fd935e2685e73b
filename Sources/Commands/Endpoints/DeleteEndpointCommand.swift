import ArgumentParser
import Client
import JSONKit

struct DeleteEndpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint",
    abstract: "Delete endpoints, whatever state they are in.",
    discussion: """
      Requests in hand are answered, then the workers end; --wait returns when they have. --all also deletes the
      endpoint's configuration and models, unless something else uses them.

      EXAMPLES:
        htrctl delete endpoint pages
        htrctl delete endpoint pages words --all --wait
      """)

  @Argument(help: "The endpoints' names.") var endpoints: [String]
  @Flag(help: "Return when the endpoints are gone.") var wait = false
  @Flag(help: "Also their configurations and models when nobody else uses them.") var all = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    try Deletion(kind: "endpoint", common: common).run(endpoints) { name in
      let belongings = all ? try EndpointBelongings(of: name, client: client) : nil
      _ = try client.call("DeleteEndpoint", ["EndpointName": .string(name)])
      if wait, case .failed(let record) = try EndpointWatch(name, client: client).until(.deleted) {
        throw EndpointConclusion(name: name, common: common, start: .now).fail(record)
      }
      for text in try belongings?.delete(client) ?? [] { Terminal.current.progress(text) }
    }
  }
}

/// The configuration and the models that an endpoint was made from.
struct EndpointBelongings {
  private let endpoint: String
  private let config: String
  private let models: [String]

  init(of endpoint: String, client: DaemonClient) throws {
    self.endpoint = endpoint
    config = try client.endpoint(endpoint).configName
    models = try Self.models(of: config, client)
  }

  /// Deletes what nobody else uses; answers one line for each part.
  func delete(_ client: DaemonClient) throws -> [String] {
    if let user = try user(ofConfig: client) { return ["configuration \(config) stays: endpoint \(user) uses it"] }
    var lines: [String] = []
    if try Self.call(client, "DeleteEndpointConfig", "EndpointConfigName", config) {
      lines.append("configuration \(config)  deleted")
    }
    let others = try Self.usedModels(client)
    for model in models {
      if let other = others[model] {
        lines.append("model \(model) stays: configuration \(other) uses it")
      } else if try Self.call(client, "DeleteModel", "ModelName", model) {
        lines.append("model \(model)  deleted")
      }
    }
    return lines
  }

  private func user(ofConfig client: DaemonClient) throws -> String? {
    for row in try client.list("ListEndpoints", rows: "Endpoints", filter: .init()).rows {
      guard let name = row["EndpointName"]?.string, name != endpoint else { continue }
      if try client.endpointIfAny(name)?.configName == config { return name }
    }
    return nil
  }

  /// Each model that a configuration names, and which one.
  private static func usedModels(_ client: DaemonClient) throws -> [String: String] {
    var used: [String: String] = [:]
    for row in try client.list("ListEndpointConfigs", rows: "EndpointConfigs", filter: .init()).rows {
      guard let name = row["EndpointConfigName"]?.string else { continue }
      for model in try models(of: name, client) { used[model] = name }
    }
    return used
  }

  /// Empty when the configuration is gone.
  private static func models(of config: String, _ client: DaemonClient) throws -> [String] {
    do {
      let answer = try client.call("DescribeEndpointConfig", ["EndpointConfigName": .string(config)])
      return (answer["ProductionVariants"]?.array ?? []).compactMap { $0["ModelName"]?.string }
    } catch let error as ServiceError where error.isMissing {
      return []
    }
  }

  /// False when there is no such thing any more.
  private static func call(_ client: DaemonClient, _ action: String, _ member: String, _ name: String) throws -> Bool {
    do {
      _ = try client.call(action, .object(.init([(member, .string(name))])))
      return true
    } catch let error as ServiceError where error.isMissing {
      return false
    }
  }
}
