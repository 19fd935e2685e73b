import Glibc
import WorkerContract

/// How the mock server shall behave, or misbehave, as long as it lives: by variables of its environment.
///
/// | variable | values | what it does |
/// | --- | --- | --- |
/// | `HTR_MOCK_START_SECONDS` | 0...86400 | it listens at once, but is not ready (503 to everything) for so long |
/// | `HTR_MOCK_START_EXIT` | 0...255 | when it would be ready it says that it gives up and exits with this code |
/// | `HTR_MOCK_PING_STATUS` | 200...599 | what `GET /ping` answers once it is ready |
/// | `HTR_MOCK_PING_SILENT` | 0, 1 | `GET /ping` is read and never answered |
/// | `HTR_MOCK_REQUEST_SECONDS` | 0...86400 | how long each invocation takes |
/// | `HTR_MOCK_IGNORE_TERM` | 0, 1 | SIGTERM has no effect |
/// | `HTR_MOCK_BODY_ORDERS` | 0, 1 | a body whose first line is of `MockTrouble`'s form gives orders as the header does |
/// | `HTR_MOCK_LEAK_MIB` | 0...65536 | memory that each invocation fills and never frees; without room it exits with 1 |
///
/// What a single request can ask for is in ``MockTrouble``.
struct MockServerSettings: Sendable {
  private static let prefix = "HTR_MOCK_"
  private static let names = [
    "START_SECONDS", "START_EXIT", "PING_STATUS", "PING_SILENT", "REQUEST_SECONDS", "IGNORE_TERM", "BODY_ORDERS",
    "LEAK_MIB",
  ].map { prefix + $0 }

  let startSeconds: Double
  let startExit: Int?
  let pingStatus: Int
  let isSilentToPings: Bool
  let requestSeconds: Double
  let ignoresTerm: Bool
  let leakedMebibytes: Int
  private let takesOrdersFromBodies: Bool

  /// - Parameter environment: may hold other variables too. An `HTR_MOCK_` variable that is not in the table is refused:
  ///   a misspelt one would make a test prove nothing.
  init(_ environment: [String: String]) throws(AlgorithmFailure) {
    var reader = HyperparameterReader(environment.filter { $0.key.hasPrefix(Self.prefix) })
    startSeconds = reader.number("HTR_MOCK_START_SECONDS", in: 0...86_400) ?? 0
    startExit = reader.integer("HTR_MOCK_START_EXIT", in: 0...255)
    pingStatus = reader.integer("HTR_MOCK_PING_STATUS", in: 200...599) ?? 200
    isSilentToPings = reader.flag("HTR_MOCK_PING_SILENT") ?? false
    requestSeconds = reader.number("HTR_MOCK_REQUEST_SECONDS", in: 0...86_400) ?? 0
    ignoresTerm = reader.flag("HTR_MOCK_IGNORE_TERM") ?? false
    leakedMebibytes = reader.integer("HTR_MOCK_LEAK_MIB", in: 0...65_536) ?? 0
    takesOrdersFromBodies = reader.flag("HTR_MOCK_BODY_ORDERS") ?? false
    let faults = reader.faults(known: Self.names)
    guard faults.isEmpty else {
      throw AlgorithmFailure(
        .badRequest, "The mock server cannot do what its environment asks: \(faults.joined(separator: "; ")).")
    }
  }

  /// What a body asks for: whoever sends a batch's requests adds no header of a test's own. Nil when it asks for nothing.
  func order(in body: [UInt8]) -> String? {
    guard takesOrdersFromBodies, body.starts(with: "mock:".utf8) else { return nil }
    return String(decoding: body.prefix(Self.longestOrder).prefix { $0 != 0x0A }, as: UTF8.self)
  }

  private static let longestOrder = 200

  /// The variables of this process that begin with `HTR_`.
  static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      entry += 1
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, parts[0].hasPrefix("HTR_") { variables[String(parts[0])] = String(parts[1]) }
    }
    return variables
  }
}
