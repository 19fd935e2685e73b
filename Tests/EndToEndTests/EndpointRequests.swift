import Client
import HostKit
import JSONKit
import TestKit

/// A production variant as tests ask for it.
struct VariantRequest {
  var name = "AllTraffic"
  var model: String
  var instances = 1
  var weight = 1.0
  var instanceType = "local"

  var json: JSON {
    [
      "VariantName": .string(name), "ModelName": .string(model), "InitialInstanceCount": .integer(Int64(instances)),
      "InitialVariantWeight": .number(weight), "InstanceType": .string(instanceType),
    ]
  }
}

/// Models, configurations and endpoints of tests.
extension DaemonFixture {
  static let role: JSON = "arn:aws:iam::000000000000:role/htr"

  /// Packs files into an archive in the test's folder; its path.
  func archive(_ name: String, _ files: [String: String]) async throws -> String {
    let folder = "\(folder)/\(name)-files"
    for (path, text) in files {
      try Files.makeFolder(Files.parent(of: "\(folder)/\(path)"))
      try Files.write(text, to: "\(folder)/\(path)", durable: false)
    }
    let path = "\(self.folder)/\(name).tar.gz"
    _ = try await tool("tar", "-czf", path, "-C", folder, ".")
    return path
  }

  /// A container whose archive is a file of this machine.
  static func container(
    _ image: String = "htr/mock", archive: String, _ environment: [String: String] = [:]
  ) -> JSON {
    ["Image": .string(image), "ModelDataUrl": .string("file://\(archive)"), "Environment": .strings(environment)]
  }

  func createModel(_ name: String, _ containers: [JSON]) async throws {
    try await call(
      "CreateModel",
      ["ModelName": .string(name), "ExecutionRoleArn": Self.role, "Containers": .array(containers)])
  }

  /// A model of the mock algorithm. What its workers answer tells its name: `model_sha256` is that of the name's text.
  func createMock(_ name: String, _ environment: [String: String] = [:]) async throws {
    let path = try await archive(name, ["model.bin": name])
    try await createModel(name, [Self.container(archive: path, environment)])
  }

  func createConfig(_ name: String, _ variants: [VariantRequest]) async throws {
    try await call(
      "CreateEndpointConfig",
      ["EndpointConfigName": .string(name), "ProductionVariants": .array(variants.map(\.json))])
  }

  func createEndpoint(_ name: String, config: String) async throws {
    try await call("CreateEndpoint", ["EndpointName": .string(name), "EndpointConfigName": .string(config)])
  }

  func updateEndpoint(_ name: String, config: String) async throws {
    try await call("UpdateEndpoint", ["EndpointName": .string(name), "EndpointConfigName": .string(config)])
  }

  func deleteEndpoint(_ name: String) async throws { try await call("DeleteEndpoint", ["EndpointName": .string(name)]) }

  /// Changes the number of workers of the variant AllTraffic.
  func scale(_ endpoint: String, to count: Int) async throws {
    try await call(
      "UpdateEndpointWeightsAndCapacities",
      [
        "EndpointName": .string(endpoint),
        "DesiredWeightsAndCapacities": [
          ["VariantName": "AllTraffic", "DesiredInstanceCount": .integer(Int64(count))]
        ],
      ])
  }

  /// Model, configuration and endpoint of one name; does not wait for it.
  func deploy(
    _ name: String, _ containers: [JSON], instances: Int = 1, instanceType: String = "local"
  ) async throws {
    try await createModel(name, containers)
    try await createConfig(name, [VariantRequest(model: name, instances: instances, instanceType: instanceType)])
    try await createEndpoint(name, config: name)
  }

  /// The same with the mock algorithm.
  func deployMock(
    _ name: String, _ environment: [String: String] = [:], instances: Int = 1, instanceType: String = "local"
  ) async throws {
    let path = try await archive(name, ["model.bin": name])
    try await deploy(
      name, [Self.container(archive: path, environment)], instances: instances, instanceType: instanceType)
  }

  /// A mock model and a configuration of this name, for an update.
  func prepareUpdate(_ name: String, _ environment: [String: String] = [:], instances: Int = 1) async throws {
    try await createMock(name, environment)
    try await createConfig(name, [VariantRequest(model: name, instances: instances)])
  }

  /// Asks an endpoint; words are orders to the mock worker.
  func ask(
    _ endpoint: String, _ words: String? = nil, body: String = "hello", variant: String? = nil,
    timeoutSeconds: Int = 40
  ) async throws -> Response {
    var invocation = Invocation(endpoint: endpoint, body: .bytes(Array(body.utf8)))
    invocation.contentType = "text/plain"
    invocation.customAttributes = words.map { "mock:\($0)" }
    invocation.targetVariant = variant
    return try await invoke(invocation, timeoutSeconds: timeoutSeconds)
  }

  /// The digest of a model's name, which its mock workers answer with.
  func mark(of model: String) async throws -> JSON { .string(try await sha256("\(folder)/\(model)-files/model.bin")) }
}

extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }
}
