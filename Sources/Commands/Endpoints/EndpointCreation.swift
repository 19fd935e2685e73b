import Client
import JSONKit

/// Makes a model, a configuration and an endpoint; what a failed step leaves behind is taken back.
struct EndpointCreation {
  /// What is being done, for messages.
  let purpose: String
  let options: ServingOptions
  let client: DaemonClient

  init(_ purpose: String, options: ServingOptions, client: DaemonClient) {
    self.purpose = purpose
    self.options = options
    self.client = client
  }

  /// Does not wait for the endpoint.
  func make(_ name: String, serving model: ServedModel) throws {
    var undertaking = Undertaking(purpose, client: client)
    let tags = options.tagsJSON
    do {
      let modelName = try model.create(in: &undertaking, role: try client.environment().role, tags: tags)
      let variant = VariantRequest(options: options).json(model: modelName)
      let config = try undertaking.create(
        .config, named: [name, ResourceName.fresh(name)],
        .init([("ProductionVariants", .array([variant]))] + (tags.isEmpty ? [] : [("Tags", .array(tags))])))
      try undertaking.create(
        .endpoint, named: [name],
        .init([("EndpointConfigName", .string(config))] + (tags.isEmpty ? [] : [("Tags", .array(tags))])))
    } catch {
      throw undertaking.takenBack(after: error)
    }
  }
}
