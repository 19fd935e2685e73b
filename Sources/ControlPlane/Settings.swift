import HostKit
import Yams

/// What a machine's owner decides: `settings.yaml` in HTR_HOME. Everything has a default.
public struct Settings: Sendable {
  /// How to run jobs whose image (or algorithm) matches a pattern.
  public struct ImageRule: Sendable, Equatable {
    public enum Runtime: String, Sendable, CaseIterable { case builtin, script, command }
    /// An image name in which `*` stands for anything.
    public var match: String
    public var runtime: Runtime
    /// The algorithm of a `builtin` runtime.
    public var algorithm: String?
    /// The interpreter of a `script` runtime.
    public var python: String?
  }

  /// What happens to a job whose instance type is larger than the machine.
  public enum Oversize: String, Sendable, CaseIterable { case clamp, refuse }
  /// What happens to a requirements.txt in script mode.
  public enum Requirements: String, Sendable, CaseIterable { case offline, ignore, refuse }

  public var images: [ImageRule] = []
  public var instanceTypes: [String: InstanceSize] = [:]
  public var oversize = Oversize.clamp
  public var requirements = Requirements.offline
  public var python = "python3"
  public var cpus: Int?
  public var memoryMiB: Int64?
  public var gpus: Int?
  public var region = "us-east-1"
  public var defaultBucket = "htr"
  public var stopGraceSeconds = 120.0
  public var sampleSeconds = 10.0
  public var checkpointSeconds = 30.0
  public var logLimitMiB: Int64 = 16 << 10
  /// Largest body of an invocation; SageMaker's is 6 MiB.
  public var invocationMiB: Int64 = 6
  /// Seconds between two health checks of an inference worker.
  public var livenessSeconds = 5.0
  /// Seconds that an inference worker gets to end: for what it has in hand, and again from TERM to KILL.
  public var drainSeconds = 10.0

  public var remoteStorage: RemoteStorage?

  public struct InstanceSize: Sendable, Equatable {
    public var cpus: Int
    public var memoryMiB: Int64
    public var gpus: Int
  }

  public init() {}

  /// Reads the file; a missing one means defaults. Every unknown key and wrong value is named in the error.
  public static func load(_ path: String) throws(ServiceStartError) -> Settings {
    guard Files.exists(path) else { return Settings() }
    do {
      let text = try Files.readText(path)
      var reader = SettingsReader(root: try Yams.load(yaml: text), folder: Files.parent(of: path))
      let settings = reader.settings()
      guard reader.faults.isEmpty else {
        throw ServiceStartError("\(path): \(reader.faults.joined(separator: "; ")).")
      }
      return settings
    } catch let error as ServiceStartError {
      throw error
    } catch {
      throw ServiceStartError("\(path) cannot be read: \(error)")
    }
  }
}
