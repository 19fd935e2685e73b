/// What a worker of an endpoint serves, as far as it can see it.
public struct ServingContext: Sendable {
  public var endpointName: String
  public var variantName: String
  public var region: String
  public var account: String
  public var instanceType: String
  /// Cores and GPUs that the worker's slot grants.
  public var cpus: Int
  public var gpus: Int
  /// The container's Environment as the request has it.
  public var environment: [String: String]
  public var layout: ServingLayout
  /// The folder of the code; nil: what `ServingLayout.code(_:)` makes of the environment. Say it when
  /// SAGEMAKER_SUBMIT_DIRECTORY is an archive that has been unpacked.
  public var codeFolder: String?
  /// Where the worker may serve: a Unix socket, or a port of this machine for programs that know no better.
  public var socket: String
  public var port: Int?
  /// Further ports that such a program may use for itself.
  public var safePorts: ClosedRange<Int>?

  public init(
    endpointName: String, variantName: String, region: String, account: String, instanceType: String, cpus: Int,
    gpus: Int, environment: [String: String] = [:], layout: ServingLayout, codeFolder: String? = nil, socket: String,
    port: Int? = nil, safePorts: ClosedRange<Int>? = nil
  ) {
    self.endpointName = endpointName
    self.variantName = variantName
    self.region = region
    self.account = account
    self.instanceType = instanceType
    self.cpus = cpus
    self.gpus = gpus
    self.environment = environment
    self.layout = layout
    self.codeFolder = codeFolder
    self.socket = socket
    self.port = port
    self.safePorts = safePorts
  }
}

extension ServingContext {
  /// Where the script lies.
  public var code: String { codeFolder ?? layout.code(environment["SAGEMAKER_SUBMIT_DIRECTORY"]) }

  /// The script to serve, by its path in `code`. The SDK sends an empty text for "none".
  public var program: String {
    environment["SAGEMAKER_PROGRAM"].flatMap { $0.isEmpty ? nil : $0 } ?? "inference.py"
  }
}

/// SageMaker's serving folder layout (`/opt/ml`) below a base folder. Several workers may share the folder of one model,
/// so it need not lie below the base.
public struct ServingLayout: Sendable, Hashable {
  public let base: String
  /// The unpacked model archive.
  public let model: String

  /// - Parameter model: nil: where SageMaker has it below the base.
  public init(base: String, model: String? = nil) {
    self.base = base
    self.model = model ?? "\(base)/model"
  }

  /// Every folder that a worker may expect to find and that is its own.
  public var folders: [String] { [base, WorkerEnvironment.temporaryFolder(base: base)] }

  /// The real folder that a SAGEMAKER_SUBMIT_DIRECTORY means. Requests name folders as they are inside AWS's containers
  /// (`/opt/ml/model/code`); anything else, an archive too, means the usual place: the model's own `code`.
  public func code(_ submitDirectory: String?) -> String {
    let usual = "\(model)/code"
    guard let asked = submitDirectory else { return usual }
    let parts = asked.split(separator: "/")
    guard asked.hasPrefix("/"), parts.starts(with: ["opt", "ml", "model"]), !parts.contains("..") else { return usual }
    return ([model] + parts.dropFirst(3).filter { $0 != "." }.map(String.init)).joined(separator: "/")
  }
}
