import Glibc
import HostKit
import JSONKit
public import WorkerContract

extension MockAlgorithm {
  public func train(
    in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal
  ) throws(AlgorithmFailure) {
    if ignoresTerm { stop.ignore() }
    writeLog(log)
    try leaveProcessesBehind(log)
    let memory = try fillMemory()
    defer { memory?.deallocate() }
    do {
      let first = try resumedEpoch(layout, log) + 1
      if first <= epochs {
        for epoch in first...epochs {
          try run(epoch, log: log, stop: &stop)
          if keepsCheckpoints { try saveCheckpoint(epoch, layout) }
          if stop.isReceived {
            log.line("Stopping after epoch \(epoch)")
            break
          }
        }
      }
      try save(layout)
    } catch let error as SystemError {
      throw AlgorithmFailure(.algorithmError, error.description)
    } catch let error as AlgorithmFailure {
      throw error
    } catch {
      throw AlgorithmFailure(.algorithmError, "\(error)")
    }
    log.line("Training finished")
  }

  private func run(_ epoch: Int, log: WorkerLog, stop: inout StopSignal) throws(AlgorithmFailure) {
    if prints { log.line("Iteration \(epoch)") }
    if let crashSignal, epoch == failAtEpoch ?? 1 { crash(Int32(crashSignal)) }
    if epoch == failAtEpoch {
      throw AlgorithmFailure(
        exitCode: Int32(exitCode),
        failureMessage ?? "The mock algorithm gave up in epoch \(epoch), as it was asked to.")
    }
    if epoch == hangAtEpoch {
      while !stop.wait(seconds: 3600) {}
    } else {
      stop.wait(seconds: secondsPerEpoch)
    }
    if prints { printLosses(epoch, log) }
  }

  private func printLosses(_ epoch: Int, _ log: WorkerLog) {
    let train = 2 / Double(epoch + 1) + Double(seed % 10) / 100
    log.line("Train loss \(FixedPoint.text(train))")
    log.line("Test loss \(FixedPoint.text(train * 1.25))")
    log.line("iter: \(epoch)  total_loss: \(FixedPoint.text(train * 2.25))")
  }

  /// Lines of a hundred bytes that tell their own place, so that a lost or a repeated byte shows.
  private func writeLog(_ log: WorkerLog) {
    var left = logBytes
    var number = 0
    while left > 0 {
      var chunk: [UInt8] = []
      while chunk.count < 1 << 16, left > 0 {
        let start = "log line \(number) "
        let line = Array("\(start)\(String(repeating: ".", count: 99 - start.utf8.count))\n".utf8)
        chunk += line.prefix(left)
        left -= min(left, line.count)
        number += 1
      }
      log.write(chunk)
    }
  }

  // MARK: Files

  private func checkpoint(_ layout: TrainingLayout) -> String { "\(layout.checkpoints)/mock.json" }

  private func saveCheckpoint(_ epoch: Int, _ layout: TrainingLayout) throws(SystemError) {
    let state: JSON = ["epoch": .integer(Int64(epoch)), "seed": .integer(Int64(seed))]
    try Files.makeFolder(layout.checkpoints)
    try Files.write(state.bytes, to: checkpoint(layout), durable: false)
  }

  /// The last epoch that an earlier attempt finished, 0 when there is none.
  private func resumedEpoch(_ layout: TrainingLayout, _ log: WorkerLog) throws -> Int {
    let path = checkpoint(layout)
    guard keepsCheckpoints, Files.exists(path) else { return 0 }
    let bytes = try Files.read(path, limit: 4096)
    // A text that is no JSON and one that has no epoch are the same fault.
    guard let epoch = (try? JSON(parsing: bytes))?["epoch"]?.integer, (0...1_000_000).contains(epoch)
    else {
      throw AlgorithmFailure(
        .badData, "The checkpoint \(path) is none of this algorithm. Remove it to begin afresh.")
    }
    log.line("Resumed from epoch \(epoch)")
    return Int(epoch)
  }

  private func save(_ layout: TrainingLayout) throws(SystemError) {
    let path = "\(layout.model)/model.bin"
    try Files.makeFolder(layout.model)
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    var numbers = SeededNumbers(seed: UInt64(seed))
    var left = modelBytes
    while left > 0 {
      let chunk = (0..<(min(left, 1 << 16) + 7) / 8).flatMap { _ in numbers.nextBytes() }.prefix(left)
      try file.write(Array(chunk), path: path)
      left -= chunk.count
    }
    guard outputFiles > 0 else { return }
    try Files.makeFolder(layout.outputData)
    for number in 1...outputFiles {
      try Files.write(
        "output \(number)\n", to: "\(layout.outputData)/file-\(number).txt", durable: false)
    }
  }
}

/// SplitMix64: the same seed gives the same bytes on every machine.
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func nextBytes() -> [UInt8] {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    value ^= value >> 31
    return (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
