import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The parts of one worker, wired.
struct InferenceWorker<Model: ServedModel> {
  let settings: InferenceSettings
  let batcher: ReadingBatcher<Model>
  private let logger: Logger
  /// What it may take, after the grace time, to tell those whose requests were given up; then connections are cut.
  private static var farewell: Duration { .seconds(2) }

  init(settings: InferenceSettings, logger: Logger) throws {
    try settings.validate()
    self.settings = settings
    self.logger = logger
    let loop = EventLoopGroupProvider.singleton.eventLoopGroup.any()
    batcher = ReadingBatcher(limits: settings.batching) { delay, callBack in
      loop.scheduleTask(in: TimeAmount(delay), callBack)
    } report: { failure in
      logger.error("image not read", metadata: ["reason": "\(failure.reason)"])
    }
  }

  /// All that runs, from the opening of the address to its end.
  func group(
    signals: [UnixSignal], announce: @escaping @Sendable (InferenceHost.Milestone) -> Void,
    load: @escaping @Sendable () throws -> Model
  ) -> ServiceGroup {
    let model = ModelService(batcher: batcher, grace: settings.grace, load: load) { [logger] in
      logger.info("ready")
      announce(.ready)
    }
    // The model is told first that the worker ends, so that requests are sent away before the door closes.
    let services: [any Service] = [application(announce: announce), model]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: signals, logger: quietLogger)
    configuration.maximumGracefulShutdownDuration = settings.grace + Self.farewell
    return ServiceGroup(configuration: configuration)
  }

  private func application(
    announce: @escaping @Sendable (InferenceHost.Milestone) -> Void
  ) -> some Service {
    let disconnections = Disconnections()
    let responder = InvocationResponder(
      settings: settings, batcher: batcher, disconnections: disconnections,
      budget: MemoryBudget(bytes: settings.limits.bytesInHand),
      workbenches: Workbenches(count: settings.decoders), logger: logger)
    return Application(
      responder: responder,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [DisconnectionWatch(disconnections)],
          idleTimeout: .seconds(75),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))),
      configuration: .init(
        address: settings.address.bound, serverName: "htr", backlog: 1024,
        availableConnectionsDelegate: .maximum(settings.limits.connections, logger: quietLogger)),
      onServerRunning: { [settings, logger] channel in
        if case .unixSocket(let path) = settings.address { chmod(path, 0o600) }
        let port = channel.localAddress?.port
        logger.info(
          "listening", metadata: ["address": "\(settings.address)", "port": "\(port.map(String.init) ?? "none")"])
        announce(.listening(port: port))
      },
      logger: quietLogger)
  }

  /// The frameworks' own messages are for their authors: only warnings and worse are shown.
  private var quietLogger: Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
  }
}

extension InferenceSettings.Address: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unixSocket(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    }
  }

  fileprivate var bound: BindAddress {
    switch self {
    case .unixSocket(let path): .unixDomainSocket(path: path)
    case .tcp(let host, let port): .hostname(host, port: port)
    }
  }
}
