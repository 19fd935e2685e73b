import HostKit

/// The names that a channel has on the disk while it is filled and afterwards.
struct ChannelPlace {
  let final: String
  let partial: String
  private let marker: String
  /// What the channel was filled with. The boot counts: data is not synced, so a power cut makes it doubtful.
  private let description: String

  init(_ source: ChannelSource, in dataFolder: String, host: (index: Int, count: Int)) throws(StoreError) {
    let isFine = source.name.utf8.allSatisfy {
      (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
    }
    guard isFine, !source.name.isEmpty, source.name.utf8.count <= 64, !source.name.hasPrefix(".") else {
      throw ChannelPlan.failure(
        .forbiddenInput, "'\(source.name)' is no channel name: it takes 1 to 64 letters, digits, '.', '-' and '_'")
    }
    final = "\(dataFolder)/\(source.name)"
    partial = "\(dataFolder)/.\(source.name).partial"
    marker = "\(dataFolder)/.\(source.name).filled"
    description = "\(Boot.id) \(source) \(host)\n"
  }

  var isFilled: Bool {
    // A marker that cannot be read only costs filling the channel again.
    (try? Files.readText(marker)) == description && Files.exists(final)
  }

  func clear() throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in
      for path in [marker, partial, final] { try Files.remove(path) }
    }
  }

  func publish() throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in
      try Files.rename(partial, to: final, durable: false)
      try Files.write(description, to: marker, durable: false)
    }
  }
}
