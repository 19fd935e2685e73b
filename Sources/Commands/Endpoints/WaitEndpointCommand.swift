import ArgumentParser
import Client
import JSONKit

extension EndpointWatch.Goal: ExpressibleByArgument {
  static var allValueStrings: [String] { [inService, deleted].map(\.rawValue) }

  init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    self.init(rawValue: argument)
  }
}

struct WaitEndpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint",
    abstract: "Wait until an endpoint is in service, or gone.",
    discussion: """
      Says what is being waited for, and wakes within milliseconds. Ends with 0, with 1 when the endpoint Failed, 4
      after the time-out. An endpoint that does not exist is deleted (0), and cannot get in service (2).

      EXAMPLES:
        htrctl wait endpoint pages
        htrctl wait endpoint pages --for deleted --timeout 60
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @Option(name: .customLong("for"), help: "in-service or deleted.") var goal = EndpointWatch.Goal.inService
  @Option(help: ArgumentHelp("Give up after this time.", valueName: "seconds")) var timeout: Double?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let timeout, !(timeout >= 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds.")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let conclusion = EndpointConclusion(name: endpoint, common: common, start: start)
    let watch = EndpointWatch(endpoint, client: common.client)
    switch try watch.until(goal, deadline: timeout.map { start + .seconds($0) }) {
    case .inService(let record): conclusion.succeed(record)
    case .failed(let record): throw conclusion.fail(record)
    case .timedOut(let record): throw conclusion.timeOut(record, after: timeout ?? 0)
    case .missing where goal == .deleted, .gone where goal == .deleted: showDeleted()
    case .gone: throw conclusion.vanished()
    case .missing: throw conclusion.missing()
    }
  }

  private func showDeleted() {
    if common.isJSON { return printJSON(["EndpointName": .string(endpoint), "Deleted": true]) }
    Terminal.current.print("\(endpoint)  deleted")
  }
}
