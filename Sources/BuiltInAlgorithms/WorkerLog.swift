import Glibc

/// The worker's standard output: each line is handed to the kernel before the next step begins.
public struct WorkerLog: Sendable {
  public init() {}

  public func line(_ text: String) { write(Array("\(text)\n".utf8)) }

  func write(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  func error(_ text: String) { write(Array("htr-worker: \(text)\n".utf8), to: STDERR_FILENO) }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let wrote = Glibc.write(descriptor, rest.baseAddressOfFirst, rest.count)
        // When nobody reads any more there is nobody to tell either.
        if wrote > 0 { rest = rest.dropFirst(wrote) } else if errno != EINTR { return }
      }
    }
  }
}

extension Slice<UnsafeRawBufferPointer> {
  fileprivate var baseAddressOfFirst: UnsafeRawPointer? { base.baseAddress.map { $0 + startIndex } }
}

/// Numbers as people and metric expressions read them.
enum FixedPoint {
  /// With four digits after the point.
  static func text(_ value: Double) -> String {
    let scaled = Int((value.magnitude * 10_000).rounded())
    let fraction = String(scaled % 10_000)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return "\(sign)\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
  }
}
