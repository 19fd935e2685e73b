import Client
import Glibc
import JSONKit

/// A worker that answers, and how the user named it.
struct WorkerEndpoint: Sendable {
  let client: WorkerClient
  /// The option with its value.
  let name: String
  /// What helps when it does not answer.
  private let advice: String
  /// How long a worker that is there may still be loading its model.
  private static let loadingTime: Duration = .seconds(120)

  init(_ client: WorkerClient, name: String, advice: String) {
    self.client = client
    self.name = name
    self.advice = advice
  }

  /// Waits until the worker, or the endpoint, is ready.
  /// - Parameters:
  ///   - value: `http://HOST:PORT`, `unix:/PATH`, or the name of a deployed endpoint. The one place where these are
  ///     looked up.
  ///   - daemon: whose endpoints are meant.
  /// - Throws: `Failure` when it means nothing, or nobody is there.
  init(named value: String, option: String, daemon: DaemonOptions) throws {
    let name = "\(option) \(value)"
    if let address = WorkerAddress(value) {
      self.init(
        WorkerClient(address), name: name, advice: "Is it the right address, and does htr-inference run there?")
      try waitUntilReady()
      return
    }
    guard ResourceName.isLegal(value) else {
      throw Failure(
        name, "it is neither an endpoint's name nor the address of a worker",
        advice: "Give a name, http://127.0.0.1:PORT or unix:/PATH.")
    }
    let client = daemon.client
    self.init(
      WorkerClient(.endpoint(name: value, socket: client.socket)), name: name,
      advice: "See `htrctl describe endpoint \(value)\(daemon.homeArgument)`.")
    try waitUntilInService(value, client)
  }

  private func waitUntilInService(_ endpoint: String, _ client: DaemonClient) throws {
    let watch = EndpointWatch(endpoint, client: client)
    switch try watch.until(.serving, deadline: .now + Self.loadingTime) {
    case .inService: return
    case .failed(let record):
      let reason = record.failureReason.map { ": \($0)" } ?? ""
      throw Failure(name, "the endpoint is \(record.status)\(reason)", advice: advice, status: .unreachable)
    case .timedOut(let record):
      throw Failure(
        name, "the endpoint is \(record.status)" + (record.waitingFor.map { " and waits for: \($0)" } ?? ""),
        advice: advice, status: .unreachable)
    case .gone, .missing:
      throw Failure(
        name, "there is no endpoint of this name", advice: "`htrctl endpoints` lists those that are.",
        status: .unreachable)
    }
  }

  private func waitUntilReady() throws {
    let deadline = ContinuousClock.now + Self.loadingTime
    while true {
      do throws(WorkerError) {
        if try client.ping() { return }
      } catch {
        throw failure(error)
      }
      guard ContinuousClock.now < deadline, !Interruption.isAsked else {
        throw Failure(
          name, "the worker is there, but does not get ready", status: .unreachable)
      }
      usleep(100_000)
    }
  }

  /// Sends a request and reads its answer.
  /// - Throws: `PageFailure` when this page is refused; `Failure` when no page would fare better.
  func ask(_ body: [UInt8], contentType: String) throws -> JSON {
    do {
      return try client.invoke(body, contentType: contentType).json()
    } catch let error as WorkerError {
      guard error.isAboutWorker else { throw PageFailure(error.description) }
      throw failure(error)
    } catch {
      throw PageFailure("\(client.address) does not answer with JSON: \(error)")
    }
  }

  /// The worker is of another kind than the option asks for.
  func wrongKind(_ found: String, advice: String) -> Failure {
    Failure(name, found, advice: advice)
  }

  private func failure(_ error: WorkerError) -> Failure {
    Failure(name, error.description, advice: advice, status: .unreachable)
  }
}

/// The kinds of answers that workers give, told by their members.
enum WorkerAnswer {
  static let isRecognition = "it reads single words: it is a text-recognition worker"
  static let isSegmentation = "it finds words but does not read them: it is a word-segmentation worker"

  static func isReadings(_ answer: JSON) -> Bool { answer["predictions"] != nil }
  static func isPage(_ answer: JSON) -> Bool { answer["words"] != nil }
}
