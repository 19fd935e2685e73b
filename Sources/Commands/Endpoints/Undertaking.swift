import Client
import JSONKit

/// A command that makes several things which only make sense together: what fails half-way is taken back.
struct Undertaking {
  enum Kind: String {
    case model = "Model"
    case config = "EndpointConfig"
    case endpoint = "Endpoint"

    var noun: String {
      switch self {
      case .model: "model"
      case .config: "configuration"
      case .endpoint: "endpoint"
      }
    }
  }

  let name: String
  let client: DaemonClient
  private var made: [(kind: Kind, name: String)] = []

  init(_ name: String, client: DaemonClient) {
    self.name = name
    self.client = client
  }

  /// Creates a thing under the first of the names that is free.
  /// - Throws: the daemon's refusal; nothing was made then.
  @discardableResult
  mutating func create(_ kind: Kind, named names: [String], _ body: JSON.Object) throws -> String {
    for (index, name) in names.enumerated() {
      var body = body
      body["\(kind.rawValue)Name"] = .string(name)
      do {
        try create(kind, name, .object(body))
        made.append((kind, name))
        return name
      } catch let error as ServiceError where error.isTaken && index < names.count - 1 {
        continue
      }
    }
    throw Failure("\(kind.noun)", "no name is given")
  }

  private func create(_ kind: Kind, _ name: String, _ body: JSON) throws {
    do {
      _ = try client.call("Create\(kind.rawValue)", body)
    } catch let error as ClientError {
      // Whether it was carried out is not known: the daemon knows when it is back.
      guard case .interrupted = error else { throw error }
      do {
        _ = try client.persistently {
          try client.call("Describe\(kind.rawValue)", ["\(kind.rawValue)Name": .string(name)])
        }
      } catch let refusal as ServiceError where refusal.isMissing {
        throw error
      }
    }
  }

  /// Removes what was made, the last first; answers a failure that says what was tried, what is in the way, and what
  /// is left.
  func takenBack(after error: any Error) -> any Error {
    var removed: [String] = []
    var left: [String] = []
    for thing in made.reversed() {
      let text = "\(thing.kind.noun) \(thing.name)"
      do {
        _ = try client.persistently {
          try client.call("Delete\(thing.kind.rawValue)", ["\(thing.kind.rawValue)Name": .string(thing.name)])
        }
        removed.append(text)
      } catch let refusal as ServiceError where refusal.isMissing {
        removed.append(text)
      } catch {
        left.append(text)
      }
    }
    guard !made.isEmpty, var failure = Self.failure(error, name) else { return error }
    if !removed.isEmpty { failure.advice += " Taken back: \(removed.joined(separator: ", "))." }
    if !left.isEmpty { failure.advice += " Could not be taken back: \(left.joined(separator: ", "))." }
    return failure
  }

  private static func failure(_ error: any Error, _ name: String) -> Failure? {
    switch error {
    case let failure as Failure: failure
    case let error as ServiceError:
      Failure(
        name, "htrd refused it: \(error)",
        advice: error.status < 500 ? "Mend that and give the command again." : "Look at htrd.log, then try again.",
        status: error.status < 500 ? .invalid : .troubled)
    case let error as ClientError:
      Failure(name, "\(error)", advice: "Give the command again.", status: .unreachable)
    default: nil
    }
  }
}
