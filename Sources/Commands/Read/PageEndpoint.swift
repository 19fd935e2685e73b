import Documents
import Pages

/// One worker that answers a whole page in one call.
struct PageEndpoint: ReadingSource {
  let endpoint: WorkerEndpoint
  /// What to do with a worker that only reads words, and with one that only finds them.
  private let adviceOnRecognition: String
  private let adviceOnSegmentation: String

  init(_ endpoint: WorkerEndpoint) {
    self.endpoint = endpoint
    adviceOnRecognition = "Give it as --recognition-endpoint, with a --segmentation-endpoint."
    adviceOnSegmentation = "Give it as --segmentation-endpoint, with a --recognition-endpoint."
  }

  /// A worker of the command's own.
  init(_ worker: PrivateWorker) {
    endpoint = worker.endpoint
    adviceOnRecognition = "Give a word-segmentation model as --model too."
    adviceOnSegmentation = "Give a text-recognition model as --model too."
  }

  func read(_ page: DocumentPage) throws -> ReadPage {
    let answer = try endpoint.ask(page.bytes, contentType: page.contentType)
    guard !WorkerAnswer.isReadings(answer) else {
      throw endpoint.wrongKind(WorkerAnswer.isRecognition, advice: adviceOnRecognition)
    }
    let read = try ReadPage(answer: answer)
    guard read.words.allSatisfy({ $0.text != nil }) else {
      throw endpoint.wrongKind(WorkerAnswer.isSegmentation, advice: adviceOnSegmentation)
    }
    return read
  }
}
