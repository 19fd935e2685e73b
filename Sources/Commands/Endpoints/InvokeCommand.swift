import ArgumentParser
import Client
import Glibc
import HostKit

struct InvokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Send a request to an endpoint and print its answer, byte for byte.",
    discussion: """
      The body is a file or standard input. Its content type comes from the file's ending, else from the first bytes. An
      endpoint that is busy is asked again after the pause that it names. Any other refusal ends with 1.

      EXAMPLES:
        htrctl invoke pages page.jpg
        echo '{"text": "the"}' | htrctl invoke words --content-type application/json
        htrctl invoke words word.png --target-variant canary --timing
        htrctl invoke draw points.csv --accept image/png --output-file drawing.png
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @Argument(help: "The request's body: a file, or - for standard input.") var file = "-"
  @Option(help: ArgumentHelp("What the body is.", valueName: "type")) var contentType: String?
  @Option(help: ArgumentHelp("What the answer shall be.", valueName: "type")) var accept: String?
  @Option(help: ArgumentHelp("Ask this variant, whatever the weights.", valueName: "variant"))
  var targetVariant: String?
  @Option(help: ArgumentHelp("Handed to the worker as it is.", valueName: "text")) var customAttributes: String?
  @Option(name: .shortAndLong, help: ArgumentHelp("Write the answer here.", valueName: "file")) var outputFile: String?
  @Flag(help: "Also tell what answered, and how long the parts took.") var timing = false
  @Option(help: ArgumentHelp("Give up after this time.", valueName: "seconds")) var timeout = 120.0
  @OptionGroup var daemon: DaemonOptions

  /// What may come by standard input.
  private static let longestInput = 256 << 20

  func validate() throws {
    guard timeout > 0, timeout < 1e6 else { throw ValidationError("--timeout must be a number of seconds above 0.") }
    let texts = [contentType, accept, targetVariant, customAttributes].compactMap { $0 }
    guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
      throw ValidationError("A type, a variant or attributes cannot hold control characters.")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let response = try answer(to: invocation(), deadline: start + .seconds(timeout))
    if let refusal = InvocationRefusal(response) { throw failure(refusal) }
    if timing { tell(response, seconds: (ContinuousClock.now - start) / .seconds(1)) }
    try deliver(response.body)
  }

  private func invocation() throws -> Invocation {
    var invocation: Invocation
    var prefix: ArraySlice<UInt8>
    if file == "-" {
      let bytes = try Descriptor(owning: dup(STDIN_FILENO)).read(limit: Self.longestInput + 1, path: "standard input")
      guard bytes.count <= Self.longestInput else {
        throw Failure(
          "invoke \(endpoint)", "standard input has more than \(AmountText.bytes(Int64(Self.longestInput)))")
      }
      prefix = bytes.prefix(ContentType.prefix)
      invocation = Invocation(endpoint: endpoint, body: .bytes(bytes))
    } else {
      do throws(SystemError) {
        prefix = try Files.readPrefix(file, limit: ContentType.prefix)[...]
      } catch {
        throw Failure("invoke \(endpoint) \(file)", error.reason, advice: "Give a file, or - for standard input.")
      }
      invocation = Invocation(endpoint: endpoint, body: .file(file))
    }
    invocation.contentType = contentType ?? ContentType.ofFile(file) ?? ContentType.ofBytes(prefix)
    invocation.accept = accept
    invocation.targetVariant = targetVariant
    invocation.customAttributes = customAttributes
    invocation.wantsTiming = timing
    return invocation
  }

  /// Asks, and asks again while the endpoint is busy and there is time.
  private func answer(to invocation: Invocation, deadline: ContinuousClock.Instant) throws -> Response {
    do throws(ClientError) {
      return try daemon.client.invoke(invocation, until: deadline) { response, pause in
        let code = InvocationRefusal(response)?.code ?? "HTTP \(response.status)"
        Terminal.current.progress(
          "endpoint \(endpoint) is busy (\(code)): asked again in \(fixed(pause / .seconds(1), 1)) s")
      }
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: ClientError) -> any Error {
    switch error {
    case .timedOut(let seconds):
      Failure(
        "invoke \(endpoint)", "no answer within \(seconds) s", advice: "Allow more with --timeout.", status: .timedOut)
    case .interrupted(let reason):
      Failure(
        "invoke \(endpoint)", "the connection was lost before the answer came (\(reason))",
        advice: "The request may have been carried out; ask again.", status: .unreachable)
    case .tooLarge(let limit):
      Failure("invoke \(endpoint)", "the answer is larger than \(AmountText.bytes(Int64(limit)))", status: .troubled)
    default: error
    }
  }

  private func failure(_ refusal: InvocationRefusal) -> Failure {
    var why = "\(refusal.code): \(refusal.message)"
    var advice = ""
    if let status = refusal.originalStatus, let words = refusal.originalMessage, !words.isEmpty {
      // The message quotes the same words, cut short.
      why = "\(refusal.code): the worker answered \(status): \(words.prefix(2_000))"
      advice = "See `htrctl logs endpoint \(endpoint)\(daemon.homeArgument)`."
    } else if refusal.status == 400 {
      advice = "See `htrctl endpoints\(daemon.homeArgument)`."
    }
    return Failure("invoke \(endpoint)", why, advice: advice, status: .jobFailed)
  }

  private func tell(_ response: Response, seconds: Double) {
    let parts = [
      "\(response.body.count) bytes in \(fixed(seconds * 1000, 1)) ms",
      response.headers["content-type"].map { "type \($0)" },
      response.headers["x-amzn-invoked-production-variant"].map { "variant \($0)" },
      response.headers["server-timing"].map(Self.times),
    ]
    Terminal.current.progress(parts.compactMap { $0 }.joined(separator: "; "))
  }

  /// `queue 0.05 ms, compute 3 ms` from a Server-Timing header.
  static func times(_ header: String) -> String {
    header.split(separator: ",").map { part in
      let fields = part.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
      let time = fields.dropFirst().first { $0.hasPrefix("dur=") }.map { " \($0.dropFirst(4)) ms" } ?? ""
      return (fields.first ?? "") + time
    }.joined(separator: ", ")
  }

  private func deliver(_ body: [UInt8]) throws {
    if let outputFile { return try Files.write(body, to: absolutePath(outputFile), durable: false) }
    let terminal = Terminal.current
    // A width means a screen.
    if terminal.width != nil, !ContentType.isText(body[...]) {
      throw Failure(
        "invoke \(endpoint)", "the answer is \(body.count) bytes that are no text, and would garble the screen",
        advice: "Give --output-file FILE, or send it on through a pipe.")
    }
    body.withUnsafeBytes { terminal.write(.output, $0) }
    if terminal.width != nil, let last = body.last, last != UInt8(ascii: "\n") { terminal.print("") }
  }
}
