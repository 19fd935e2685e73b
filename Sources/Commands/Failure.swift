import Client
import HostKit

/// Something that `htrctl` itself cannot do: what, why, and what helps.
struct Failure: Error, Equatable {
  var what: String
  var why: String
  var advice: String
  var status: ExitStatus

  init(_ what: String, _ why: String, advice: String = "", status: ExitStatus = .invalid) {
    self.what = what
    self.why = why
    self.advice = advice
    self.status = status
  }
}

/// The one line that an error becomes, and the exit status that goes with it.
struct ErrorLine: Equatable {
  let text: String
  let status: ExitStatus

  init(what: String, why: String, advice: String = "", status: ExitStatus) {
    // One line whatever the error's text holds: scripts read it line by line.
    let sentence = why.split(whereSeparator: \.isNewline).joined(separator: " ")
    let stop = sentence.hasSuffix(".") || sentence.hasSuffix("?") || advice.isEmpty ? "" : "."
    text = "htrctl: \(what): \(sentence)\(stop)\(advice.isEmpty ? "" : " \(advice)")"
    self.status = status
  }

  /// Nil for an error of the argument parser, which words its own.
  init?(_ error: any Error) {
    switch error {
    case let error as Failure:
      self.init(what: error.what, why: error.why, advice: error.advice, status: error.status)
    case let error as ServiceError:
      let code = error.requestId.isEmpty ? error.code : "\(error.code) (request \(error.requestId))"
      self.init(
        what: error.status < 500 ? "htrd refused the request" : "htrd failed",
        why: "\(code): \(error.message)", status: error.status < 500 ? .invalid : .troubled)
    case let error as ClientError:
      self.init(error)
    case let error as SystemError:
      self.init(what: "system", why: error.description, status: .troubled)
    default: return nil
    }
  }

  private init(_ error: ClientError) {
    switch error {
    case .unreachable(let home, let reason):
      self.init(
        what: "htrd is not running on \(home)", why: reason,
        advice: "Start it with `htrctl daemon start`.", status: .unreachable)
    case .interrupted:
      self.init(
        what: "request", why: "\(error)",
        advice: "It may or may not have been carried out; look with `htrctl jobs`.",
        status: .unreachable)
    case .unsendable: self.init(what: "request", why: "\(error)", status: .invalid)
    default: self.init(what: "request", why: "\(error)", status: .troubled)
    }
  }
}
