import HostKit

/// What the kernel tells of the processor.
struct Processor {
  let isAMD: Bool
  let family: Int

  static let current = Processor(
    cpuinfo: (try? Files.readPrefix("/proc/cpuinfo", limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
      // Without it the libraries' own choice stands.
      ?? "")

  init(cpuinfo: String) {
    isAMD = cpuinfo.contains("AuthenticAMD")
    let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("cpu family") }
    family = line.flatMap { Int($0.split(separator: ":").last?.drop { $0 == " " } ?? "") } ?? 0
  }

  /// A kernel set of OpenBLAS that is faster here than the one it picks.
  ///
  /// OpenBLAS 0.3.21 takes Zen 4 (family 25) for Intel's Cooper Lake. Its AVX-512 kernels are 7-15 % slower there than
  /// the AVX2 ones, for Zen 4 splits 512-bit operations in two. Zen 5 (family 26) does not split them.
  var betterOpenBLASCore: String? { isAMD && family == 25 ? "HASWELL" : nil }
}
