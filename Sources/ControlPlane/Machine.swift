import Glibc
import HostKit
import Lifecycles
import Resources
import Wire

/// What this machine has, and what an instance type means on it.
struct Machine: Sendable {
  let capacity: SlotTable.Amount
  private let settings: Settings

  init(settings: Settings) {
    self.settings = settings
    capacity = SlotTable.Amount(
      cpus: settings.cpus ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      memoryBytes: settings.memoryMiB.map { $0 << 20 } ?? Self.physicalMemory(),
      gpus: settings.gpus ?? Self.countGPUs())
  }

  /// The demand of an instance type. One that is larger than the machine gets the machine, with a note in the job's
  /// record, or is refused: the setting `oversize` decides.
  /// - Parameter member: where the request names it.
  func demand(
    of instanceType: String, at member: String = "resourceConfig.instanceType"
  ) throws(ServiceError) -> ResourceDemand {
    guard let size = settings.instanceTypes[instanceType] ?? InstanceTypes.size(of: instanceType, on: capacity)
    else {
      throw .validation(
        "Value '\(instanceType)' at '\(member)' is no instance type that htr knows. Use 'local', an ml.* type, or add it to instance-types in settings.yaml."
      )
    }
    let wanted = ResourceDemand(
      cpus: size.cpus, memoryBytes: size.memoryMiB << 20, gpus: size.gpus)
    let granted = ResourceDemand(
      cpus: min(wanted.cpus, capacity.cpus),
      memoryBytes: min(wanted.memoryBytes, capacity.memoryBytes),
      gpus: min(wanted.gpus, capacity.gpus))
    if granted == wanted { return wanted }
    let text =
      "\(instanceType) names \(describe(wanted)); this machine gives at most \(describe(granted))"
    guard settings.oversize == .clamp else {
      throw ServiceError(
        .resourceLimitExceeded,
        "\(text). Choose a smaller instance type, or set 'oversize: clamp' in settings.yaml to run it with what there is."
      )
    }
    return ResourceDemand(
      cpus: granted.cpus, memoryBytes: granted.memoryBytes, gpus: granted.gpus, note: text)
  }

  private func describe(_ demand: ResourceDemand) -> String {
    "\(demand.cpus) CPUs, \(demand.memoryBytes >> 20) MiB" + (demand.gpus > 0 ? ", \(demand.gpus) GPUs" : "")
  }

  private static func physicalMemory() -> Int64 {
    Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func countGPUs() -> Int {
    // A machine without a /dev that can be listed has no GPU that a job could use.
    let names = (try? Files.names(in: "/dev")) ?? []
    return names.filter { $0.hasPrefix("nvidia") && Int($0.dropFirst(6)) != nil }.count
  }
}

/// SageMaker's instance types by family and size: enough to turn people's scripts into sensible requests.
enum InstanceTypes {
  private static let memoryPerCPU: [Character: Int64] = [
    "c": 2048, "m": 4096, "t": 4096, "r": 8192, "g": 4096, "p": 7680,
  ]

  private static let cpusBySize: [Substring: Int] = [
    "medium": 1, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "9xlarge": 36,
    "10xlarge": 40, "12xlarge": 48, "16xlarge": 64, "18xlarge": 72, "24xlarge": 96, "32xlarge": 128,
    "48xlarge": 192, "metal": 96,
  ]

  /// `local` is one CPU with its share of the memory; `ml.FAMILY.SIZE` follows AWS's naming.
  static func size(of name: String, on capacity: SlotTable.Amount) -> Settings.InstanceSize? {
    if name == "local" {
      let share = capacity.memoryBytes / Int64(max(1, capacity.cpus))
      return .init(cpus: 1, memoryMiB: max(1, share >> 20), gpus: 0)
    }
    if name == "local_gpu" {
      return .init(cpus: capacity.cpus, memoryMiB: capacity.memoryBytes >> 20, gpus: max(1, capacity.gpus))
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "ml", let family = parts[1].first,
      parts[1].dropFirst().first?.isNumber == true,
      let memory = memoryPerCPU[family], let cpus = cpusBySize[parts[2]]
    else { return nil }
    return .init(cpus: cpus, memoryMiB: Int64(cpus) * memory, gpus: gpus(family: family, cpus: cpus))
  }

  private static func gpus(family: Character, cpus: Int) -> Int {
    switch family {
    case "p": max(1, cpus / 8)
    case "g": cpus >= 96 ? 8 : cpus >= 48 ? 4 : 1
    default: 0
    }
  }
}
