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
  /// - Parameter digits: after the point, 1...9.
  static func text(_ value: Double, digits: Int = 4) -> String {
    let unit = (0..<digits).reduce(1) { whole, _ in whole * 10 }
    guard value.isFinite, value.magnitude < 1e9 else { return "\(value)" }
    let scaled = Int((value.magnitude * Double(unit)).rounded())
    let fraction = String(scaled % unit)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return "\(sign)\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
