import ArgumentParser
import Client
import HostKit
import JSONKit

struct DeployCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Bring a model up as a new endpoint.",
    discussion: """
      Makes the model, the endpoint's configuration and the endpoint, and waits until it is in service. When a step
      fails, what the ones before it made is taken back. Ctrl-C leaves the endpoint coming up.

      EXAMPLES:
        htrctl deploy train-2026-07-01-12-00-00-000
        htrctl deploy --latest words --endpoint words --instances 2
        htrctl deploy --latest htr-word-segmentation --latest htr-text-recognition --endpoint pages
        htrctl deploy model.tar.gz --entry-point inference.py --source-dir src --env LEVEL=3
        htrctl deploy s3://models/words/model.tar.gz --image htr/text-recognition --no-wait
      """)

  @Option(help: "The endpoint's name (default: that of the first source).") var endpoint: String?
  @OptionGroup(title: "Model") var serving: ServingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let start = ContinuousClock.now
    let client = common.client
    let sources = try serving.findSources(client)
    let name = endpoint ?? sources.first?.baseName ?? "model"
    guard ResourceName.isLegal(name) else {
      throw Failure("--endpoint \(name)", "it is no name", advice: "Give 1 to 63 letters, digits and inner hyphens.")
    }
    try requireFree(name, client)
    let model = try ServedModel(sources, options: serving, client: client)
    try EndpointCreation("deploy \(name)", options: serving, client: client).make(name, serving: model)
    let finish = EndpointFinish(name: name, common: common, start: start)
    guard serving.wait else { return try finish.detach() }
    finish.leaveOnInterrupt()
    try finish.wait(next: [model.trial(endpoint: name)])
  }

  private func requireFree(_ name: String, _ client: DaemonClient) throws {
    guard let record = try client.endpointIfAny(name) else { return }
    let advice =
      switch record.status {
      case "Failed": "It can only be deleted: htrctl delete endpoint \(name)"
      case "Deleting": "It is about to go: htrctl wait endpoint \(name) --for deleted"
      default: "Change what it serves with `htrctl update \(name) ...`, or choose another name with --endpoint."
      }
    throw Failure("deploy \(name)", "there is an endpoint of this name, and it is \(record.status)", advice: advice)
  }
}

extension ServingOptions {
  var tagsJSON: [JSON] { tag.map { ["Key": .string($0.name), "Value": .string($0.value)] } }
}

extension DaemonEnvironment {
  /// Nobody assumes it here; SageMaker's requests must name one.
  var role: String { "arn:aws:iam::\(accountId):role/htr" }
}

/// One production variant of a configuration that is about to be made.
struct VariantRequest {
  let options: ServingOptions
  /// As it is in the configuration that is served now.
  var config: JSON?
  /// As it is served now: weight and instances may have been changed since.
  var served: JSON?

  func json(model: String) -> JSON {
    var members = config?.object ?? JSON.Object()
    members["VariantName"] = .string(options.variant ?? config?["VariantName"]?.string ?? servedName ?? "AllTraffic")
    members["ModelName"] = .string(model)
    members["InitialInstanceCount"] =
      options.instances.map { .integer(Int64($0)) } ?? served?["DesiredInstanceCount"]
      ?? config?["InitialInstanceCount"] ?? 1
    members["InitialVariantWeight"] =
      options.weight.map { .number($0) } ?? served?["DesiredWeight"] ?? config?["InitialVariantWeight"] ?? 1
    members["InstanceType"] = .string(options.instanceType ?? config?["InstanceType"]?.string ?? "local")
    if let seconds = options.startupTimeout {
      members["ContainerStartupHealthCheckTimeoutInSeconds"] = .integer(Int64(seconds))
    }
    return .object(members)
  }

  private var servedName: String? { served?["VariantName"]?.string }
}
