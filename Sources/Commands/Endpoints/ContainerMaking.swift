import ArchiveKit
import Client
import HostKit
import JSONKit

/// Turns a source into the containers of a model.
struct ContainerMaking {
  let options: ServingOptions
  let environment: DaemonEnvironment
  let client: DaemonClient
  /// Where archives go in the default bucket.
  let folder: String

  /// Where a worker finds its code, in SageMaker's layout.
  private static let codeFolder = "/opt/ml/model/code"

  /// The containers, and whether an archive was stored for them.
  func containers(of source: ModelSource) throws -> (containers: [JSON], isStored: Bool) {
    let containers: [JSON]
    if case .model(let record) = source.origin {
      // Of a model the containers are known; they change only where a flag says so.
      guard options.entryPoint == nil else {
        let image = record.containers.count == 1 ? record.containers[0]["Image"]?.string : nil
        return (try [repacked(source, image: image)], true)
      }
      containers = try record.containers.map { try changed($0, alone: record.containers.count == 1) }
      return (containers, false)
    }
    var image = options.image
    if image == nil, case .job(let record) = source.origin { image = ModelKind.image(ofJob: record) }
    if options.entryPoint != nil { return ([try repacked(source, image: image)], true) }
    let artifact = try ModelArtifact(source, client: client)
    let chosen = try checkedImage(image, artifact)
    let uri = try artifact.uri ?? store(artifact)
    return ([container(image: chosen, uri: uri)], artifact.uri == nil)
  }

  private func changed(_ container: JSON, alone: Bool) throws -> JSON {
    guard var members = container.object else { return container }
    if let image = options.image {
      guard alone else {
        throw Failure("--image \(image)", "the model has several containers", advice: "Leave --image out.")
      }
      members["Image"] = .string(image)
    }
    if !options.env.isEmpty { members["Environment"] = .object(merged(members["Environment"]?.object)) }
    return .object(members)
  }

  private func merged(_ given: JSON.Object?) -> JSON.Object {
    var variables = given ?? JSON.Object()
    for variable in options.env { variables[variable.name] = .string(variable.value) }
    return variables
  }

  private func container(image: String, uri: String, variables: [(key: String, value: JSON)] = []) -> JSON {
    var members = JSON.Object([("Image", .string(image)), ("ModelDataUrl", .string(uri))])
    let variables = merged(.init(variables))
    if !variables.isEmpty { members["Environment"] = .object(variables) }
    return .object(members)
  }

  // MARK: Images

  /// The image that serves the artifact, found out where nobody has said it; an image that needs code has it.
  private func checkedImage(_ image: String?, _ artifact: ModelArtifact) throws -> String {
    let hasCodeElsewhere = options.env.contains { $0.name == "SAGEMAKER_SUBMIT_DIRECTORY" }
    if let image, !ModelKind.isScript(image) || hasCodeElsewhere { return image }
    guard artifact.path != nil else {
      // What lies elsewhere is looked at by the daemon, which says what it misses.
      if let image { return image }
      throw Failure(
        "model \(artifact.text)", "its archive cannot be looked into from here", advice: "Say what serves it: --image.")
    }
    return try artifact.withFolder { folder in
      if let image {
        guard Files.exists("\(folder)/\(ModelTree.code)") else {
          throw Failure(
            "model \(artifact.text)",
            "the image \(image) runs an inference script, and the archive has no code/ folder",
            advice: "Give --entry-point FILE.py [--source-dir FOLDER] with model_fn and its kin.")
        }
        return image
      }
      guard let found = try ModelKind.image(ofFolder: folder) else {
        throw Failure(
          "model \(artifact.text)",
          "nothing in it tells what serves it: no config.json of a model of ours, no \(ModelKind.script), no "
            + ModelKind.program,
          advice: "Give --entry-point FILE.py for a script, or --image IMAGE.")
      }
      return found
    }
  }

  // MARK: Archives

  /// Puts an archive, or a folder as one, where the daemon finds it.
  private func store(_ artifact: ModelArtifact) throws -> String {
    let path = try artifact.requirePath()
    guard artifact.isFolder else { return try upload(path) }
    return try withTemporaryFolder { temporary in
      let archive = "\(temporary)/model.tar.gz"
      do throws(ArchiveError) {
        _ = try ArchivePacker.packTarGzip(folder: path, to: archive)
      } catch {
        throw Failure("pack \(path)", error.description, status: error.code == .system ? .troubled : .invalid)
      }
      return try upload(archive)
    }
  }

  /// The archive with the entry point and its folder as `code/`, as SageMaker's SDK repacks it.
  private func repacked(_ source: ModelSource, image: String?) throws -> JSON {
    let bundle = try SourceBundle(
      entryPoint: options.entryPoint ?? "", sourceFolder: options.sourceDir, dependencies: [])
    let artifact = try ModelArtifact(source, client: client)
    let uri = try artifact.withFolder { folder in
      var tree = try ModelTree(folder: folder)
      tree.remove(below: ModelTree.code)
      for member in bundle.members {
        try tree.add(member.path, as: member.name.isEmpty ? ModelTree.code : "\(ModelTree.code)/\(member.name)")
      }
      return try withTemporaryFolder { temporary in
        let archive = "\(temporary)/model.tar.gz"
        _ = try tree.pack(to: archive)
        return try upload(archive)
      }
    }
    let served = options.image ?? image.flatMap { ModelKind.isScript($0) ? $0 : nil } ?? "htr/script"
    return container(
      image: served, uri: uri,
      variables: [
        ("SAGEMAKER_PROGRAM", .string(bundle.program)), ("SAGEMAKER_SUBMIT_DIRECTORY", .string(Self.codeFolder)),
        ("SAGEMAKER_CONTAINER_LOG_LEVEL", "20"), ("SAGEMAKER_REGION", .string(environment.region)),
      ])
  }

  private func upload(_ path: String) throws -> String {
    try client.putObject(bucket: environment.defaultBucket, key: "\(folder)/model.tar.gz", file: path)
  }
}
