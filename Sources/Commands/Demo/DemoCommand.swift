import ArgumentParser
import Client
import HostKit
import JSONKit

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Read pages at once, with the models that come with htr.",
    discussion: """
      Starts htrd if it does not run, brings up demo-page, demo-word-segmentation and demo-text-recognition, and reads a
      page of its own or those that are named. The endpoints stay: `htrctl read` takes demo-page when it is told no other.

      There are two sets of models. `research` reads better, and is for demonstration and non-commercial research only;
      `free` may be used for anything. Artifacts/demo/README.md has their cards.

      EXAMPLES:
        htrctl demo
        htrctl demo letter.jpg scans/ --set free
        htrctl demo --remove
      """)

  /// In htr's own bucket store.
  private static let bucket = "htr-demo"
  private static let patience: Duration = .seconds(120)
  /// Tells which set an endpoint serves.
  private static let tag = "htr:demo-set"

  @Argument(help: ArgumentHelp("Files or folders (default: a page that comes with htr).", valueName: "page"))
  var pages: [String] = []
  @Option(name: .customLong("set"), help: "Whose models: research or free.") var set: DemoSet?
  @Flag(help: "Take the endpoints away again.") var remove = false
  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    if remove, !pages.isEmpty || set != nil { throw ValidationError("--remove goes with nothing else.") }
  }

  func run() throws {
    if remove { return try removeAll() }
    let terminal = Terminal.current
    let start = ContinuousClock.now
    let pages = try pages.isEmpty ? [DemoSet.samplePage()] : pages
    let isNew = try startDaemon()
    let (set, made) = try bringUp()
    terminal.note("The endpoints answer after \(Self.time(since: start)).\n")
    let read = try ReadCommand.parse(
      pages + ["--page-endpoint", DemoEndpoint.page.rawValue, "--home", daemon.homeFolder])
    try read.run()
    terminal.note(
      """

      \(isNew || made > 0 ? "From nothing to text" : "All was up: to text") in \(Self.time(since: start)). The models are the set \(set.rawValue), \(set.terms).
      Next:
        htrctl read PAGE.jpg SCANS/ --overlay out/\(daemon.homeArgument)
        htrctl invoke \(DemoEndpoint.segmentation.rawValue) PAGE.jpg\(daemon.homeArgument)
        htrctl demo --remove\(daemon.homeArgument)
      """)
  }

  private static func time(since start: ContinuousClock.Instant) -> String {
    AmountText.duration(seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// False when it runs already.
  private func startDaemon() throws -> Bool {
    // No answer, for whatever reason, is why it shall be started.
    if (try? daemon.client.status()) != nil { return false }
    _ = try DaemonStarter(home: daemon.homeFolder, client: daemon.client).start()
    Terminal.current.note("Started htrd on \(daemon.homeFolder); it goes on running (htrctl daemon stop ends it).")
    return true
  }

  /// Makes what is not there yet; answers the set that is served, and how many endpoints were made for it.
  private func bringUp() throws -> (set: DemoSet, made: Int) {
    let client = daemon.client
    let present = try DemoEndpoint.allCases.filter { try client.endpointIfAny($0.rawValue) != nil }
    let set = try present.first.map(servedSet) ?? self.set ?? .research
    if let asked = self.set, asked != set {
      throw Failure(
        "demo --set \(asked.rawValue)", "the endpoints that are there serve the set \(set.rawValue)",
        advice: "Take them away first: htrctl demo --remove\(daemon.homeArgument)")
    }
    let missing = DemoEndpoint.allCases.filter { !present.contains($0) }
    let stored = try missing.isEmpty ? [:] : store(set)
    for endpoint in missing {
      let uris = endpoint.algorithms.compactMap { stored[$0] }
      let options = try ServingOptions.parse(uris + ["--tag", "\(Self.tag)=\(set.rawValue)"])
      var model = try ServedModel(try options.findSources(client), options: options, client: client)
      model.names.insert(endpoint.rawValue, at: 0)
      try EndpointCreation("demo", options: options, client: client).make(endpoint.rawValue, serving: model)
    }
    for endpoint in DemoEndpoint.allCases { try wait(for: endpoint) }
    return (set, missing.count)
  }

  private func servedSet(_ endpoint: DemoEndpoint) throws -> DemoSet {
    let arn = try daemon.client.endpoint(endpoint.rawValue).described["EndpointArn"] ?? .null
    let tags = try daemon.client.call("ListTags", ["ResourceArn": arn])["Tags"]?.array ?? []
    let value = tags.first { $0["Key"]?.string == Self.tag }?["Value"]?.string
    guard let set = value.flatMap(DemoSet.init(rawValue:)) else {
      throw Failure(
        "demo", "there is an endpoint \(endpoint.rawValue) that the demo has not made",
        advice: "Delete it (htrctl delete endpoint \(endpoint.rawValue)\(daemon.homeArgument)), then try again.")
    }
    return set
  }

  private static func key(_ set: DemoSet, _ algorithm: String) -> String {
    "demo-\(set.rawValue)-\(algorithm).tar.gz"
  }

  /// Uploads the archives of a set; where they are.
  private func store(_ set: DemoSet) throws -> [String: String] {
    var stored: [String: String] = [:]
    for algorithm in [DemoSet.segmentation, DemoSet.recognition] {
      stored[algorithm] = try daemon.client.putObject(
        bucket: Self.bucket, key: Self.key(set, algorithm), file: set.archive(of: algorithm))
    }
    return stored
  }

  private func wait(for endpoint: DemoEndpoint) throws {
    let watch = EndpointWatch(endpoint.rawValue, client: daemon.client)
    let why: String
    switch try watch.until(.serving, deadline: .now + Self.patience) {
    case .inService: return
    case .failed(let record): why = "it is \(record.status): \(record.failureReason ?? "no reason is given")"
    case .timedOut(let record):
      why =
        "it is \(record.status) after \(Self.patience.components.seconds) s: \(record.waitingFor ?? "no reason is given")"
    case .gone, .missing: why = "it was deleted meanwhile"
    }
    throw Failure(
      "endpoint \(endpoint.rawValue)", why,
      advice: "htrctl demo --remove\(daemon.homeArgument) takes it away; then try again.", status: .jobFailed)
  }

  private func removeAll() throws {
    let present = try DemoEndpoint.allCases.filter { try daemon.client.endpointIfAny($0.rawValue) != nil }
    guard !present.isEmpty else { return Terminal.current.print("There are no demo endpoints.") }
    // Somebody else's of the same name are left alone.
    let sets = try Set(present.map(servedSet))
    let delete = try DeleteEndpointCommand.parse(
      present.map(\.rawValue) + ["--all", "--wait", "--home", daemon.homeFolder])
    try delete.run()
    for set in sets {
      for algorithm in [DemoSet.segmentation, DemoSet.recognition] {
        try daemon.client.deleteObject(bucket: Self.bucket, key: Self.key(set, algorithm))
      }
    }
  }
}
