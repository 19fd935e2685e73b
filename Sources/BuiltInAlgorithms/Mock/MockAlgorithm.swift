/// An algorithm that learns nothing and does whatever a test or a newcomer wants to see a job do.
public struct MockAlgorithm: Algorithm {
  public static let name = "mock"

  public static let hyperparameters: [(name: String, meaning: String)] = [
    ("epochs", "3: how many epochs to pretend"),
    ("seconds-per-epoch", "0.05: how long each of them takes"),
    ("seed", "0: decides the content of the model and the losses"),
    ("model-bytes", "64: size of model/model.bin"),
    ("print", "true: whether to print losses after each epoch"),
    ("log-bytes", "0: bytes of log to write before the first epoch"),
    ("output-files", "0: files to write to output/data"),
    ("checkpoint", "false: write a checkpoint after each epoch and resume from it"),
    ("memory-megabytes", "0: memory to fill before the first epoch"),
    ("fork", "0: processes to leave behind; some leave the session, some ignore SIGTERM"),
    ("hang-at-epoch", "none: the epoch that never ends"),
    ("ignore-term", "false: whether to go on when asked to stop"),
    ("fail-at-epoch", "none: the epoch in which the algorithm gives up"),
    ("exit-code", "1: the exit code when it gives up"),
    ("failure-message", "the text of output/failure when it gives up"),
    ("crash", "none: the signal (number) that ends the worker, in epoch fail-at-epoch or else the first"),
  ]

  var epochs = 3
  var secondsPerEpoch = 0.05
  var seed = 0
  var modelBytes = 64
  var prints = true
  var logBytes = 0
  var outputFiles = 0
  var keepsCheckpoints = false
  var memoryMegabytes = 0
  var forks = 0
  var hangAtEpoch: Int?
  var ignoresTerm = false
  var failAtEpoch: Int?
  var exitCode = 1
  var failureMessage: String?
  var crashSignal: Int?

  public init(_ reader: inout HyperparameterReader) {
    epochs = reader.integer("epochs", in: 0...1_000_000) ?? epochs
    secondsPerEpoch = reader.number("seconds-per-epoch", in: 0...86_400) ?? secondsPerEpoch
    seed = reader.integer("seed", in: 0...Int.max) ?? seed
    modelBytes = reader.integer("model-bytes", in: 0...(1 << 36)) ?? modelBytes
    prints = reader.flag("print") ?? prints
    logBytes = reader.integer("log-bytes", in: 0...(1 << 36)) ?? logBytes
    outputFiles = reader.integer("output-files", in: 0...100_000) ?? outputFiles
    keepsCheckpoints = reader.flag("checkpoint") ?? keepsCheckpoints
    memoryMegabytes = reader.integer("memory-megabytes", in: 0...1_000_000) ?? memoryMegabytes
    forks = reader.integer("fork", in: 0...256) ?? forks
    hangAtEpoch = reader.integer("hang-at-epoch", in: 1...1_000_000)
    ignoresTerm = reader.flag("ignore-term") ?? ignoresTerm
    failAtEpoch = reader.integer("fail-at-epoch", in: 1...1_000_000)
    exitCode = reader.integer("exit-code", in: 1...255) ?? exitCode
    failureMessage = reader.text("failure-message")
    crashSignal = reader.integer("crash", in: 1...31)
  }
}
