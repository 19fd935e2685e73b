import ArtifactStore
import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// The model actions of SageMaker's API.
public struct ModelService: Sendable {
  private let store: Store
  private let archives: ModelArchives
  private let catalog: ServingCatalog
  private let threads: BlockingThreads
  private let remoteThreads: BlockingThreads
  private let account: String

  init(_ parts: DaemonParts) {
    store = parts.store
    archives = ModelArchives(home: parts.home, buckets: parts.buckets, remote: parts.remoteBuckets)
    catalog = ServingCatalog(settings: parts.settings)
    threads = parts.copyThreads
    remoteThreads = parts.remoteThreads
    account = parts.account
  }

  /// Records a model with the digests of its archives: what is served later is what was there now.
  public func create(_ request: CreateModelRequest, region: String) async throws(ServiceError) -> JSON {
    for container in request.containers { _ = try catalog.runtime(of: container.image) }
    let containers: [Model.Container]
    do {
      let asked = request.containers
      let threads = archives.remote.concerns(request.json) ? remoteThreads : threads
      containers = try await threads.run { [archives] in try asked.map { try archives.digested($0) } }
    } catch let error as ServiceError {
      throw error
    } catch { throw ServiceError(.internalFailure, "The model's archive cannot be read: \(error)") }
    let now = Timestamp.now()
    let model = Model(
      id: store.nextID(at: now), name: request.name, region: region, account: account, request: request.json,
      containers: containers, createdAt: now)
    do {
      try await store.insert(model, tags: request.tags)
    } catch  where error.code == .nameTaken {
      throw .alreadyExists(model.arn)
    } catch { throw ServiceError(error) }
    return ["ModelArn": .string(model.arn.description)]
  }

  public func describe(_ request: ModelNameRequest, region: String) async throws(ServiceError) -> JSON {
    try await model(named: request.name, region: region).describeJSON
  }

  public func list(_ request: ListModelsRequest) async throws(ServiceError) -> JSON {
    do { return request.answer(try await store.models(matching: ResourceQuery(request))) } catch {
      throw ServiceError(error)
    }
  }

  /// Endpoints that serve the model go on: each keeps what it was deployed with.
  public func delete(_ request: ModelNameRequest, region: String) async throws(ServiceError) {
    let model = try await model(named: request.name, region: region)
    do { _ = try await store.delete(model) } catch { throw ServiceError(error) }
  }

  /// A model with what only htr knows of it.
  public func report(_ name: String, region: String) async throws(ServiceError) -> JSON {
    let model = try await model(named: name, region: region)
    let containers = model.containers.map { container in
      JSON.members([
        "Image": .string(container.image),
        // A model whose image was taken out of the settings since has no runtime to tell.
        "Runtime": (try? catalog.runtime(of: container.image)).map { .string($0.name) },
        "ModelDataUrl": container.dataURI.map { .string($0) }, "Sha256": container.sha256.map { .string($0) },
        "Size": archives.size(of: container).map { .integer($0) },
      ])
    }
    return ["Model": model.describeJSON, "Htr": ["Containers": .array(containers)]]
  }

  func model(named name: String, region: String) async throws(ServiceError) -> Model {
    do {
      if let model = try await store.model(named: name) { return model }
    } catch { throw ServiceError(error) }
    throw .couldNotFind(AmazonResourceName(region: region, account: account, kind: .model, name: name))
  }
}

/// Where the archives of models lie on this machine.
struct ModelArchives: Sendable {
  let home: Home
  let buckets: BucketStore
  let remote: RemoteBuckets

  /// The container with the digest of its archive.
  func digested(_ container: Model.Container) throws -> Model.Container {
    guard let uri = container.dataURI else { return container }
    try bring(uri)
    guard let path = try path(of: uri) else { throw ServiceError.missingModelData(uri) }
    var digested = container
    digested.sha256 = try ModelStore(folder: home.models).digest(of: path)
    return digested
  }

  func size(of container: Model.Container) -> Int64? {
    // An archive that is gone or cannot be looked at has no size to tell.
    guard let uri = container.dataURI, let path = try? path(of: uri) else { return nil }
    return (try? Files.status(path))??.size
  }

  /// Copies an archive that lies elsewhere, as it is now.
  func bring(_ uri: String) throws {
    if case .objects(let address) = ContentLocation(uri) { try remote.bring(address) }
  }

  /// Nil when nothing is there, or nothing that may be read.
  func path(of uri: String) throws -> String? {
    switch ContentLocation(uri) {
    case .objects(let address): return try buckets.path(of: address)
    case .local(let path):
      guard !home.isPrivate(path), Files.isReadable(path), try Files.status(path)?.kind == .file else { return nil }
      return path
    case nil: return nil
    }
  }
}
