/// Where everything of one attempt lies: `jobs/NAME/ATTEMPT/` of the home folder.
///
/// The folder is the whole interface between the daemon and the shim. Files are replaced by rename, never changed in
/// place, so each is either absent or complete, and either side can be killed and started again at any instant.
public struct AttemptFolder: Sendable, Hashable {
  public let path: String

  public init(path: String) { self.path = path }

  /// What to run, written by the daemon before the launch (`LaunchSpec`).
  public var spec: String { "\(path)/spec.json" }
  /// Held (flock) by the shim as long as it lives: at most one shim works on an attempt.
  public var lock: String { "\(path)/lock" }
  /// The pipe that carries the worker's output. The daemon keeps it open too, so that a killed shim loses no byte.
  public var output: String { "\(path)/output.fifo" }
  /// Who the shim is (`ProcessRecord`).
  public var shim: String { "\(path)/shim.json" }
  /// Present from just before the worker's program starts (`ProcessRecord` of the worker once it has a pid): from here
  /// on this attempt never starts a worker again.
  public var worker: String { "\(path)/worker.json" }
  /// How the worker ended (`WorkerExit`), before anything is packed.
  public var workerExit: String { "\(path)/worker-exit.json" }
  /// How the attempt ended (`AttemptEnd`): written last; archives named in it are complete. None of it is synced: in a
  /// later boot it counts only if it proves sound (digests).
  public var end: String { "\(path)/end.json" }
  /// Present when the worker shall stop (`StopOrder`); the shim looks at it on SIGTERM and before the start.
  public var stop: String { "\(path)/stop.json" }
  /// SageMaker's `/opt/ml`: SAGEMAKER_BASE_DIR of the worker.
  public var base: String { "\(path)/ml" }

  public var modelArchive: String { "\(path)/model.tar.gz" }
  public var outputArchive: String { "\(path)/output.tar.gz" }
}

/// SageMaker's training folder layout (`/opt/ml`) below a base folder.
public struct TrainingLayout: Sendable, Hashable {
  public let base: String

  public init(base: String) { self.base = base }

  public var code: String { "\(base)/code" }
  public var model: String { "\(base)/model" }
  public var input: String { "\(base)/input" }
  public var config: String { "\(base)/input/config" }
  public var hyperparameters: String { "\(config)/hyperparameters.json" }
  public var inputDataConfig: String { "\(config)/inputdataconfig.json" }
  public var resourceConfig: String { "\(config)/resourceconfig.json" }
  public var output: String { "\(base)/output" }
  public var outputData: String { "\(base)/output/data" }
  public var intermediate: String { "\(base)/output/intermediate" }
  public var failure: String { "\(base)/output/failure" }
  public var checkpoints: String { "\(base)/checkpoints" }
  public func channel(_ name: String) -> String { "\(base)/input/data/\(name)" }

  /// Every folder that a worker may expect to find.
  public var folders: [String] {
    [code, model, config, "\(base)/input/data", outputData, intermediate, checkpoints]
  }
}
