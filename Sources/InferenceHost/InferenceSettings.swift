import Glibc
import HostKit
import Pages

/// How one inference worker serves.
public struct InferenceSettings: Sendable, Equatable {
  /// Where requests come in.
  public enum Address: Sendable, Equatable {
    /// The file is made with mode 0600: its owner alone may ask.
    case unixSocket(path: String)
    /// Loopback addresses only; port 0 lets the system choose.
    case tcp(host: String, port: Int)
  }

  public var address: Address
  public var limits: InvocationLimits
  public var batching: BatchingLimits
  /// From the last byte of a request to its answer; later it is given up with 503 or 504.
  public var deadline: Duration = .seconds(60)
  /// How long requests in hand may go on after SIGTERM.
  public var grace: Duration = .seconds(30)
  /// Images that are decoded at a time.
  public var decoders = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  public init(
    address: Address, limits: InvocationLimits = InvocationLimits(), batching: BatchingLimits = BatchingLimits()
  ) {
    self.address = address
    self.limits = limits
    self.batching = batching
  }

  /// For a worker that takes pages. They are decoded and worked on one at a time, so that the largest picture that is
  /// allowed is in memory once; few wait, for each takes a good part of a second.
  public static func pages(at address: Address) -> InferenceSettings {
    var settings = InferenceSettings(address: address)
    settings.limits.images = 1
    settings.limits.bytesInHand = 128 << 20
    (settings.batching.maximumBatch, settings.batching.maximumWaiting) = (1, 32)
    settings.batching.maximumDelay = .zero
    settings.decoders = 1
    return settings
  }

  /// - Throws: all that is wrong, so that it can be put right at once.
  public func validate() throws(InvalidInferenceSettings) {
    var faults = address.faults
    func check(_ holds: Bool, _ fault: String) { if !holds { faults.append(fault) } }
    let (limits, batching) = (limits, batching)
    check(limits.bodyBytes >= 1, "the largest body must be at least 1 byte, not \(limits.bodyBytes)")
    check(limits.images >= 1, "the images of a request must be at least 1, not \(limits.images)")
    check(limits.pixels >= 1, "the pixels of a request must be at least 1, not \(limits.pixels)")
    check(
      limits.wordSide >= 16,
      "the longer side of a word must be at least 16 pixels, not \(limits.wordSide)")
    check(
      limits.pageSide >= 64,
      "the longer side of a page must be at least 64 pixels, not \(limits.pageSide)")
    check(
      (1...256).contains(decoders), "the images decoded at a time must be 1 to 256, not \(decoders)"
    )
    check(limits.connections >= 1, "the connections must be at least 1, not \(limits.connections)")
    check(
      limits.bytesInHand >= limits.bodyBytes + limits.pixels,
      "the bytes in hand (\(limits.bytesInHand)) must have room for one largest request, whose body and pixels take "
        + "\(limits.bodyBytes + limits.pixels)")
    check(batching.maximumBatch >= 1, "a batch must be at least 1 word, not \(batching.maximumBatch)")
    check(
      batching.maximumWaiting >= limits.images,
      "the queue (\(batching.maximumWaiting) words) must have room for one largest request (\(limits.images) images)")
    check(
      (.zero ... .seconds(1)).contains(batching.maximumDelay),
      "the delay that gathers a batch must be 0 to 1 s, not \(batching.maximumDelay)")
    check(deadline > .zero, "the deadline of a request must be above 0, not \(deadline)")
    check(grace >= .zero, "the grace time must not be below 0, but is \(grace)")
    guard faults.isEmpty else { throw InvalidInferenceSettings(faults: faults) }
  }
}

extension InferenceSettings.Address {
  /// Bytes that a Unix socket's path may have: the kernel's 108, less the ending zero.
  private static let longestSocketPath = 107

  var faults: [String] {
    switch self {
    case .unixSocket(let path):
      guard path.hasPrefix("/"), path.utf8.count <= Self.longestSocketPath, !path.utf8.contains(0) else {
        return ["the socket must be an absolute path of at most \(Self.longestSocketPath) bytes, not '\(path)'"]
      }
      return []
    case .tcp(let host, let port):
      var faults: [String] = []
      if !isLoopbackName(host) {
        faults.append(
          "'\(host)' is not a loopback address. A worker serves this machine only; put the daemon or a proxy in front")
      }
      if !(0...65_535).contains(port) { faults.append("the port must be 0 to 65535, not \(port)") }
      return faults
    }
  }
}

/// What one request, and all requests together, may cost.
public struct InvocationLimits: Sendable, Equatable {
  /// Of one request, as it comes over the wire.
  public var bodyBytes = 16 << 20
  /// Of one request: images, or crops of one page.
  public var images = 256
  /// Of all images of one request together, before they are made smaller; a page counts as an image.
  public var pixels = 100_000_000
  /// Longer side of a word, in pixels: what is larger is shrunk as it is decoded, for no model needs more.
  public var wordSide = 2_048
  /// Longer side of a page, in pixels: what is larger is shrunk as it is decoded.
  public var pageSide = PageReader.longerSide
  /// Corners of one crop.
  public var corners = 1_000
  /// Bodies and decoded words of all requests together; beyond, requests are sent away with 429.
  public var bytesInHand = 512 << 20
  public var connections = 1_024

  public init() {}
}

/// How words of different requests, or pages, are worked on together.
public struct BatchingLimits: Sendable, Equatable {
  /// Words (or pages) in one call of the model.
  public var maximumBatch = 64
  /// Words (or pages) that wait for the model; beyond, requests are sent away with 429.
  public var maximumWaiting = 512
  /// How long a word may be held back so that others can join it. An idle reader holds nothing back.
  public var maximumDelay: Duration = .milliseconds(2)

  public init() {}
}

/// Settings that no worker can serve with; the message has a line for each fault.
public struct InvalidInferenceSettings: Error, Sendable, Equatable, CustomStringConvertible {
  public let faults: [String]

  public var description: String {
    "the inference worker's settings are wrong:\n" + faults.map { "  \($0)" }.joined(separator: "\n")
  }
}
