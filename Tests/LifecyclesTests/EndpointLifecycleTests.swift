import HostKit
import Lifecycles
import Resources
import Testing

@Suite struct EndpointLifecycleTests {
  private let start = Timestamp(milliseconds: 1_000_000)

  private func variants(_ count: Int = 1, weight: Double = 1) -> [Deployment.Variant] {
    [
      Deployment.Variant(
        config: .init(
          name: "AllTraffic", modelName: "m", instanceType: "local", instanceCount: count, weight: weight,
          startupSeconds: 60),
        containers: [.init(image: "htr/mock", dataURI: "s3://bucket/model.tar.gz", sha256: "00")])
    ]
  }

  private func newEndpoint() -> Endpoint {
    Endpoint(id: 1, name: "e", region: "us-east-1", account: "000000000000", createdAt: start)
  }

  private func inService() throws -> Endpoint {
    var endpoint = newEndpoint()
    _ = endpoint.begin(configName: "c1", variants: variants())
    let first = try #require(endpoint.incoming)
    _ = try endpoint.apply(.deploymentReady(first), at: start)
    return endpoint
  }

  private func updating() throws -> (endpoint: Endpoint, incoming: Deployment) {
    var endpoint = try inService()
    _ = try endpoint.apply(.updateRequested(configName: "c2", variants: variants(2)), at: start)
    return (endpoint, try #require(endpoint.incoming))
  }

  @Test func `a new endpoint is Creating and brings up its first deployment`() throws {
    var endpoint = newEndpoint()
    let effects = endpoint.begin(configName: "c1", variants: variants())
    #expect(endpoint.status == .creating)
    #expect(effects == [.apply(try #require(endpoint.incoming))])
    #expect(endpoint.incoming?.number == 1)
  }

  @Test func `an endpoint is InService once its deployment is ready`() throws {
    var endpoint = newEndpoint()
    _ = endpoint.begin(configName: "c1", variants: variants())
    let first = try #require(endpoint.incoming)
    let effects = try endpoint.apply(.deploymentReady(first), at: start)
    #expect(effects == [.publish(first)])
    #expect(endpoint.status == .inService)
    #expect(endpoint.deployed == first)
    #expect(endpoint.incoming == nil)
  }

  @Test func `a first deployment that fails makes the endpoint Failed with its reason`() throws {
    var endpoint = newEndpoint()
    _ = endpoint.begin(configName: "c1", variants: variants())
    let first = try #require(endpoint.incoming)
    let effects = try endpoint.apply(.deploymentFailed(first, reason: "no model"), at: start)
    #expect(endpoint.status == .failed)
    #expect(endpoint.failureReason == "no model")
    #expect(effects == [.withdraw, .retire(1)])
  }

  @Test func `an update takes over when it is ready, and the former workers are retired`() throws {
    var (endpoint, incoming) = try updating()
    #expect(endpoint.status == .updating)
    #expect(incoming.number == 2)
    let effects = try endpoint.apply(.deploymentReady(incoming), at: start)
    #expect(effects == [.publish(incoming), .retire(1)])
    #expect(endpoint.status == .inService)
    #expect(endpoint.deployed?.configName == "c2")
  }

  @Test func `an update that fails is rolled back and says why`() throws {
    var (endpoint, incoming) = try updating()
    let effects = try endpoint.apply(.deploymentFailed(incoming, reason: "it crashed"), at: start)
    #expect(effects == [.retire(2)])
    #expect(endpoint.status == .inService)
    #expect(endpoint.deployed?.configName == "c1")
    #expect(endpoint.failureReason == "it crashed")
  }

  @Test func `the next update forgets the reason of the last one and gets a number of its own`() throws {
    var (endpoint, incoming) = try updating()
    _ = try endpoint.apply(.deploymentFailed(incoming, reason: "it crashed"), at: start)
    _ = try endpoint.apply(.updateRequested(configName: "c3", variants: variants()), at: start)
    #expect(endpoint.failureReason == nil)
    #expect(endpoint.incoming?.number == 3)
  }

  @Test func `another size keeps the deployment and its number`() throws {
    var endpoint = try inService()
    let effects = try endpoint.apply(.capacityRequested(variants(3)), at: start)
    let resized = try #require(endpoint.incoming)
    #expect(resized.number == 1)
    #expect(effects == [.apply(resized)])
    let next = try endpoint.apply(.deploymentReady(resized), at: start)
    #expect(next == [.publish(resized)])
  }

  @Test func `a size that cannot be reached goes back to the former one`() throws {
    var endpoint = try inService()
    let former = try #require(endpoint.deployed)
    _ = try endpoint.apply(.capacityRequested(variants(3)), at: start)
    let resized = try #require(endpoint.incoming)
    let effects = try endpoint.apply(.deploymentFailed(resized, reason: "no room"), at: start)
    #expect(effects == [.apply(former), .publish(former)])
    #expect(endpoint.status == .inService)
  }

  @Test func `news of a deployment that is not the one in question changes nothing`() throws {
    var (endpoint, incoming) = try updating()
    var stale = incoming
    stale.variants = variants(7)
    let before = endpoint
    let firstEffects = try endpoint.apply(.deploymentReady(stale), at: start.advanced(bySeconds: 1))
    #expect(firstEffects == [])
    let secondEffects = try endpoint.apply(.deploymentFailed(stale, reason: "late"), at: start)
    #expect(secondEffects == [])
    #expect(endpoint == before)
  }

  @Test func `workers that end again and again make the endpoint Failed`() throws {
    var endpoint = try inService()
    let deployed = try #require(endpoint.deployed)
    let effects = try endpoint.apply(.workersFailed(deployed, reason: "last words"), at: start)
    #expect(effects == [.withdraw, .retire(1)])
    #expect(endpoint.status == .failed)
  }

  @Test func `workers that fail while an update is under way leave the update its chance`() throws {
    var (endpoint, _) = try updating()
    let deployed = try #require(endpoint.deployed)
    let effects = try endpoint.apply(.workersFailed(deployed, reason: "last words"), at: start)
    #expect(effects == [])
    #expect(endpoint.status == .updating)
  }

  @Test(arguments: EndpointStatus.allCases)
  func `an endpoint can be deleted in every status`(status: EndpointStatus) throws {
    var endpoint = try inService()
    endpoint.status = status
    let effects = try endpoint.apply(.deleteRequested, at: start)
    #expect(endpoint.status == .deleting)
    #expect(effects == (status == .deleting ? [] : [.withdraw, .remove]))
  }

  @Test(arguments: [EndpointStatus.creating, .updating, .failed])
  func `only an endpoint in service can be changed`(status: EndpointStatus) throws {
    var endpoint = try inService()
    endpoint.status = status
    #expect(throws: Endpoint.IllegalTransition(status: status)) {
      try endpoint.apply(.updateRequested(configName: "c2", variants: variants()), at: start)
    }
    #expect(throws: Endpoint.IllegalTransition(status: status)) {
      try endpoint.apply(.capacityRequested(variants()), at: start)
    }
  }

  @Test func `a reason is cut to what the wire can hold`() throws {
    var (endpoint, incoming) = try updating()
    let reason = String(repeating: "x", count: 5000)
    _ = try endpoint.apply(.deploymentFailed(incoming, reason: reason), at: start)
    #expect(endpoint.failureReason?.count == 1024)
  }

  @Test func `a daemon that starts takes up an update with both sets of workers`() throws {
    let (endpoint, incoming) = try updating()
    let deployed = try #require(endpoint.deployed)
    #expect(endpoint.effectsOfResuming == [.apply(deployed), .apply(incoming), .publish(deployed)])
  }

  @Test func `a daemon that starts takes up a change of size with one set of workers`() throws {
    var endpoint = try inService()
    let deployed = try #require(endpoint.deployed)
    _ = try endpoint.apply(.capacityRequested(variants(3)), at: start)
    let resized = try #require(endpoint.incoming)
    #expect(endpoint.effectsOfResuming == [.apply(resized), .publish(deployed)])
  }

  @Test func `what is stored is what is read`() throws {
    var (endpoint, _) = try updating()
    endpoint.failureReason = "because"
    var restored = newEndpoint()
    let isRestored = restored.restoreState(from: endpoint.stateJSON)
    #expect(isRestored)
    #expect(restored.deployed == endpoint.deployed)
    #expect(restored.incoming == endpoint.incoming)
    #expect(restored.failureReason == "because")
    #expect(restored.lastDeployment == 2)
  }
}
