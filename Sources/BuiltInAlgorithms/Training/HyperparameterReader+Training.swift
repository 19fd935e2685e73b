import Glibc
import Handwriting

/// Hyperparameters that every algorithm which trains a network has.
extension HyperparameterReader {
  /// `epochs` or `minutes`; nil when neither is given.
  mutating func length() -> TrainingPlan.Length? {
    let epochs = integer("epochs", in: 1...100_000)
    let minutes = number("minutes", in: 0.01...100_000)
    if epochs != nil, minutes != nil { refuse("minutes", "and epochs both say how long: give one of them") }
    return minutes.map { .minutes($0) } ?? epochs.map { .epochs($0) }
  }

  mutating func learningRate(_ standard: LearningRate) -> LearningRate {
    LearningRate(
      highest: number("learning_rate", in: 1e-7...1) ?? standard.highest,
      warmUp: number("warm_up", in: 0...0.9) ?? standard.warmUp)
  }

  mutating func faultPolicy() -> Manifest.FaultPolicy {
    switch text("on_bad_data") {
    case nil, "skip": return .skip
    case "stop": return .stop
    case let other?:
      refuse("on_bad_data", "must be skip or stop, not \(other.prefix(80))")
      return .skip
    }
  }

  /// `threads`; without it as many as the job's slot grants cores, and outside of a job those of the machine.
  mutating func threads() -> Int {
    let granted = getenv("SM_NUM_CPUS").flatMap { Int(String(cString: $0)) }
    let standard = min(8, max(1, granted ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    return integer("threads", in: 1...64) ?? standard
  }

  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, of: Choice.Type) -> Choice? {
    guard let text = text(name) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    refuse(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), not \(text.prefix(80))")
    return nil
  }
}
