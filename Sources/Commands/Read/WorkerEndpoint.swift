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

  /// Waits until the worker is ready.
  /// - Parameter value: `http://HOST:PORT` or `unix:/PATH`. The one place where endpoints are looked up.
  /// - Throws: `Failure` when it means nothing, or nobody is there.
  init(named value: String, option: String) throws {
    guard let address = WorkerAddress(value) else {
      throw Failure(
        "\(option) \(value)", "it is not the address of a worker", advice: "Give http://127.0.0.1:PORT or unix:/PATH.")
    }
    self.init(
      WorkerClient(address), name: "\(option) \(value)",
      advice: "Is it the right address, and does htr-inference run there?")
    try waitUntilReady()
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
