import ArgumentParser
import Client
import JSONKit

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Change how many workers an endpoint has, and the weights of its variants.",
    discussion: """
      Workers that are not wanted any more answer what they have in hand. A variant of weight 0 gets requests only that
      name it.

      EXAMPLES:
        htrctl scale pages 4
        htrctl scale pages 2 --variant canary
        htrctl scale pages --weight AllTraffic=0.9 --weight canary=0.1
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @Argument(help: "How many workers the variant shall have.") var instances: Int?
  @Option(help: "The variant (default: the only one).") var variant: String?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A variant's weight: its share is this by the sum of all (repeat).", valueName: "variant=weight")
  )
  var weight: [Assignment] = []
  @Flag(inversion: .prefixedNo, help: "Return when the endpoint has changed.") var wait = true
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard instances != nil || !weight.isEmpty else { throw ValidationError("Give a number of workers, or --weight.") }
    if let instances, instances < 1 {
      throw ValidationError(
        "A variant has at least one worker; --weight \(variant ?? "VARIANT")=0 keeps requests away.")
    }
    if variant != nil, instances == nil { throw ValidationError("--variant goes with a number of workers.") }
    for assignment in weight {
      guard let value = Double(assignment.value), value >= 0, value.isFinite else {
        throw ValidationError(
          "--weight \(assignment.name)=\(assignment.value): the weight must be a number, 0 or more.")
      }
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let record = try EndpointChange.settled(endpoint, common: common)
    let changes = try changes(of: record)
    try EndpointChange.request(
      "UpdateEndpointWeightsAndCapacities",
      ["EndpointName": .string(endpoint), "DesiredWeightsAndCapacities": .array(changes)], common.client)
    let finish = EndpointFinish(name: endpoint, common: common, start: start)
    guard wait else { return try finish.detach() }
    finish.leaveOnInterrupt()
    try finish.wait { record in
      guard let reason = record.failureReason else { return }
      throw Failure(
        "scale \(endpoint)", reason, advice: "The endpoint goes on with the workers it had.", status: .jobFailed)
    }
  }

  /// One entry for each variant that changes, in the endpoint's order.
  private func changes(of record: EndpointRecord) throws -> [JSON] {
    let names = record.variants.compactMap { $0["VariantName"]?.string }
    let scaled = try instances.map { _ in try scaledVariant(names) }
    for name in weight.map(\.name) + [scaled].compactMap({ $0 }) where !names.contains(name) {
      throw Failure(
        "endpoint \(endpoint)", "it has no variant \(name)", advice: "It has: \(names.joined(separator: ", ")).")
    }
    return names.compactMap { name in
      // The last word counts.
      let value = weight.last { $0.name == name }.flatMap { Double($0.value) }
      guard value != nil || scaled == name else { return nil }
      return .members([
        "VariantName": .string(name), "DesiredWeight": value.map { .number($0) },
        "DesiredInstanceCount": scaled == name ? instances.map { .integer(Int64($0)) } : nil,
      ])
    }
  }

  private func scaledVariant(_ names: [String]) throws -> String {
    if let variant { return variant }
    guard names.count == 1 else {
      throw Failure(
        "endpoint \(endpoint)", "it has several variants",
        advice: "Say which one: --variant \(names.joined(separator: ", --variant ")).")
    }
    return names[0]
  }
}
