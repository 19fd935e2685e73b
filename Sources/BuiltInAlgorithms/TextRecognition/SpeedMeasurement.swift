import Handwriting
import JSONKit
import TensorKit
import WorkerContract

/// `htr-worker measure`: how fast this machine trains and reads with the small network, as one line of JSON.
struct SpeedMeasurement {
  private var threads = 1
  private var batch = 32
  private var width = 160
  private var seconds = 5.0
  private var backend = BackendChoice.automatic
  private static let classes = 96

  /// - Parameter arguments: `--threads N --batch N --width N --seconds S --backend NAME`, each optional.
  init(_ arguments: ArraySlice<String>) throws(AlgorithmFailure) {
    var rest = arguments
    while let name = rest.popFirst() {
      guard let value = rest.popFirst() else { throw Self.refusal("\(name) has no value") }
      switch name {
      case "--threads": threads = try Self.number(name, value, 1...64)
      case "--batch": batch = try Self.number(name, value, 1...1024)
      case "--width": width = try Self.number(name, value, 32...2048)
      case "--seconds": seconds = Double(try Self.number(name, value, 1...600))
      case "--backend":
        guard let choice = BackendChoice(rawValue: value) else { throw Self.refusal("there is no backend \(value)") }
        backend = choice
      default: throw Self.refusal("\(name) is unknown")
      }
    }
    guard batch % threads == 0 else { throw Self.refusal("--batch must be a multiple of --threads") }
    guard width % 16 == 0 else { throw Self.refusal("--width must be a multiple of 16") }
  }

  private static func number(
    _ name: String, _ text: String, _ range: ClosedRange<Int>
  ) throws(AlgorithmFailure) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw refusal("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)")
    }
    return value
  }

  private static func refusal(_ reason: String) -> AlgorithmFailure {
    AlgorithmFailure(.badRequest, "measure: \(reason).\n\(WorkerProgram.usage)")
  }

  func run(_ log: WorkerLog) throws(AlgorithmFailure) {
    do {
      let architecture = RecognitionArchitecture(classes: Self.classes)
      let speed = try RecognitionSpeed.measure(
        architecture, threads: threads, batch: batch, width: width, seconds: seconds
      ) { () throws(KernelFault) in try backend.make() }
      let answer: JSON = [
        "backend": .string(try backend.make().description),
        "parameters": .integer(Int64(RecognitionNetwork(architecture).parameters.count)),
        "threads": .integer(Int64(threads)), "batch": .integer(Int64(batch)), "width": .integer(Int64(width)),
        "train_words_per_second": .number(speed.trainWordsPerSecond),
        "read_words_per_second": .number(speed.readWordsPerSecond),
        "latency_p50_ms": .number(speed.latencyMedian), "latency_p99_ms": .number(speed.latency99),
        "peak_gflops_per_core": .number(speed.peak), "train_gflops_per_core": .number(speed.trainRate),
        "read_gflops_per_core": .number(speed.readRate),
      ]
      log.line(answer.text)
    } catch {
      throw AlgorithmFailure(.algorithmError, "\(error)")
    }
  }
}
