import ArgumentParser
import Client
import HostKit
import JSONKit

struct UpdateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Have an endpoint serve another model, without losing a request.",
    discussion: """
      New workers come up beside the old ones and take over once they answer; when they do not, the old ones go on (1).
      Instances, weight and instance type stay unless they are given. --variant with a new name adds a variant beside
      those there are.

      EXAMPLES:
        htrctl update words --latest words
        htrctl update pages find-2026-07-01-12-00-00-000 read-2026-07-01-13-00-00-000
        htrctl update words new/model.tar.gz --variant canary --weight 0.1
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @OptionGroup(title: "Model") var serving: ServingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let start = ContinuousClock.now
    let client = common.client
    let finish = EndpointFinish(name: endpoint, common: common, start: start)
    let record = try EndpointChange.settled(endpoint, common: common)
    let variants = try CurrentVariants(of: record, client: client)
    let place = try variants.place(for: serving.variant)
    let model = try ServedModel(try serving.findSources(client), options: serving, client: client)

    var undertaking = Undertaking("update \(endpoint)", client: client)
    let config = try change(&undertaking, model, variants.replacing(place, options: serving))
    guard serving.wait else { return try finish.detach() }
    finish.leaveOnInterrupt()
    try finish.wait(next: [model.trial(endpoint: endpoint)]) { record in
      guard record.failureReason != nil || record.configName != config else { return }
      throw rolledBack(record, undertaking)
    }
  }

  /// Makes model and configuration and asks for the change; answers the configuration's name.
  private func change(
    _ undertaking: inout Undertaking, _ model: ServedModel, _ variants: (String) -> [JSON]
  ) throws -> String {
    let tags = serving.tagsJSON
    do {
      let modelName = try model.create(
        in: &undertaking, role: try undertaking.client.environment().role, tags: tags)
      let config = try undertaking.create(
        .config, named: [ResourceName.fresh(endpoint)],
        .init([("ProductionVariants", .array(variants(modelName)))] + (tags.isEmpty ? [] : [("Tags", .array(tags))])))
      try EndpointChange.request(
        "UpdateEndpoint", ["EndpointName": .string(endpoint), "EndpointConfigName": .string(config)],
        undertaking.client)
      return config
    } catch {
      throw undertaking.takenBack(after: error)
    }
  }

  private func rolledBack(_ record: EndpointRecord, _ undertaking: Undertaking) -> any Error {
    undertaking.takenBack(
      after: Failure(
        "update \(endpoint)",
        "the new version did not get in service: \(record.failureReason ?? "another update came in between")",
        advice: "The old version (\(record.configName)) still serves.", status: .jobFailed))
  }
}

/// What is asked of endpoints that are there.
enum EndpointChange {
  /// The endpoint's record, when it can be changed now.
  static func settled(_ name: String, common: CommonOptions) throws -> EndpointRecord {
    guard let record = try common.client.endpointIfAny(name) else {
      throw EndpointConclusion(name: name, common: common, start: .now).missing()
    }
    let advice =
      switch record.status {
      case "InService": ""
      case "Failed": "A failed endpoint can only be deleted (htrctl delete endpoint \(name)) and deployed anew."
      case "Deleting": "Deploy it anew when it is gone: htrctl wait endpoint \(name) --for deleted"
      default: "Wait for it: htrctl wait endpoint \(name)"
      }
    guard record.status == "InService" else {
      throw Failure("endpoint \(name)", "it is \(record.status) and cannot be changed now", advice: advice)
    }
    return record
  }

  /// Calls an action that may be repeated: after a lost connection nobody knows whether it was carried out.
  static func request(_ action: String, _ body: JSON, _ client: DaemonClient) throws {
    do {
      _ = try client.call(action, body)
    } catch ClientError.interrupted(let reason) {
      do {
        _ = try client.persistently { try client.call(action, body) }
      } catch let error as ServiceError where error.message.hasPrefix("Cannot update in-progress") {
        // It was: this is what is in progress.
        Terminal.current.progress("the connection to htrd was lost (\(reason)), the change goes on")
      }
    }
  }
}

/// The production variants of an endpoint as they are now.
struct CurrentVariants {
  private let record: EndpointRecord
  /// Empty when the configuration was deleted.
  private let config: [JSON]

  init(of record: EndpointRecord, client: DaemonClient) throws {
    self.record = record
    do {
      let answer = try client.call("DescribeEndpointConfig", ["EndpointConfigName": .string(record.configName)])
      config = answer["ProductionVariants"]?.array ?? []
    } catch let error as ServiceError where error.isMissing {
      config = []
    }
  }

  private var names: [String] { record.variants.compactMap { $0["VariantName"]?.string } }

  /// Which variant is to change: the one that is named (it may be new), or the only one.
  func place(for name: String?) throws -> String {
    let others = names.filter { $0 != name }
    guard let chosen = name ?? (names.count == 1 ? names[0] : nil) else {
      throw Failure(
        "endpoint \(record.name)", "it has several variants",
        advice: "Say which one to change: --variant \(names.joined(separator: ", --variant ")).")
    }
    guard config.isEmpty, name != nil, !others.isEmpty else { return chosen }
    throw Failure(
      "endpoint \(record.name)",
      "its configuration \(record.configName) was deleted, so the models of its variants "
        + "\(others.joined(separator: ", ")) are not known",
      advice: "Deploy a new endpoint.")
  }

  /// All variants with one of them changed or added, for a model whose name comes later.
  func replacing(_ name: String, options: ServingOptions) -> (String) -> [JSON] {
    func isIt(_ variant: JSON) -> Bool { variant["VariantName"]?.string == name }
    return { model in
      var variants = config.map { variant in
        isIt(variant) ? request(name, variant, options).json(model: model) : current(variant)
      }
      if !config.contains(where: isIt) { variants.append(request(name, nil, options).json(model: model)) }
      return variants
    }
  }

  private func request(_ name: String, _ config: JSON?, _ options: ServingOptions) -> VariantRequest {
    VariantRequest(options: options, config: config, served: served(name))
  }

  /// A variant that stays as it is: with the weight and the instances that it has now.
  private func current(_ variant: JSON) -> JSON {
    guard var members = variant.object, let served = served(variant["VariantName"]?.string) else { return variant }
    if let count = served["DesiredInstanceCount"] { members["InitialInstanceCount"] = count }
    if let weight = served["DesiredWeight"] { members["InitialVariantWeight"] = weight }
    return .object(members)
  }

  private func served(_ name: String?) -> JSON? { record.variants.first { $0["VariantName"]?.string == name } }
}
