public import ControlPlane
import Foundation
import HostKit
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import ServiceLifecycle
import Signing
import Synchronization
import UnixSignals

/// Opens the daemon's doors and keeps everything running until SIGTERM or SIGINT.
public struct Doors: Sendable {
  /// Seconds that open requests get to finish when the daemon ends; waiting ones are cut off, their clients come back.
  private static let shutdownSeconds = 3

  private let daemon: Daemon
  private let logger: Logger

  public init(daemon: Daemon, logger: Logger) {
    self.daemon = daemon
    self.logger = logger
  }

  public func run() async throws {
    let (host, port) = try address()
    // A socket that a killed daemon left behind is in nobody's use: the lock on HTR_HOME says so.
    try Files.remove(daemon.home.socket)
    let openDoors = Mutex(0)
    let opened: @Sendable (any Channel) async -> Void = { [daemon, logger] _ in
      let all = openDoors.withLock { count in
        count += 1
        return count == 2
      }
      guard all else { return }
      do {
        chmod(daemon.home.socket, 0o600)
        try daemon.announce()
        logger.info("ready", metadata: ["home": "\(daemon.home.path)", "listen": "\(host):\(port)"])
      } catch {
        logger.error("cannot write \(daemon.home.daemon)", metadata: ["error": "\(error)"])
      }
    }
    let services: [any Service] = [
      application(.unixSocket, at: .unixDomainSocket(path: daemon.home.socket), opened),
      application(
        .tcp(hosts: Self.hosts(host, port)), at: .hostname(host, port: port), opened),
      DaemonService(daemon: daemon),
    ]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger)
    configuration.maximumGracefulShutdownDuration = .seconds(Self.shutdownSeconds)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw ServiceStartError(
        "\(host):\(port) is in use by another program: stop it, or set HTR_LISTEN to another address.")
    }
    daemon.shutDown()
    // A stale socket is harmless: the next start removes it.
    try? Files.remove(daemon.home.socket)
    logger.info("stopped")
  }

  /// The frameworks' own messages are for their authors: only warnings and worse are shown.
  private var quietLogger: Logger {
    var logger = logger
    logger.logLevel = .warning
    return logger
  }

  private func application(
    _ door: Door, at address: BindAddress, _ opened: @escaping @Sendable (any Channel) async -> Void
  ) -> some Service {
    let key = daemon.accessKey
    let credentials = Credentials(accessKeyId: key.id, secretAccessKey: key.secret)
    let front = FrontDoor(door: door, daemon: daemon, credentials: credentials, logger: logger)
    let invocations = door.forInvocations(daemon.keys, region: daemon.settings.region)
    let isSocket = if case .unixSocket = door { true } else { false }
    let router = daemon.router
    return Application(
      responder: front,
      server: HTTPServerBuilder { responder in
        SplitChannel(
          inner: HTTP1Channel(
            responder: responder,
            configuration: .init(
              additionalChannelHandlers: (isSocket ? [PeerCredentialHandler()] : []) + [AnswerEndWatch()],
              httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))),
          router: router, door: invocations)
      },
      configuration: .init(address: address, serverName: "htr", backlog: 1024),
      onServerRunning: opened, logger: quietLogger)
  }

  /// Only loopback: nothing is served to other machines without TLS.
  private func address() throws -> (host: String, port: Int) {
    let text = daemon.options.listen
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65535).contains(port)
    else { throw ServiceStartError("HTR_LISTEN must be HOST:PORT, not '\(text)'.") }
    let host = String(text[..<colon]).trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    guard isLoopbackName(host) else {
      throw ServiceStartError(
        "HTR_LISTEN '\(text)' is not a loopback address. htr serves this machine only; put a TLS proxy in front to serve others."
      )
    }
    return (host, port)
  }

  private static func hosts(_ host: String, _ port: Int) -> Set<String> {
    Set(["127.0.0.1", "localhost", "[::1]", host].map { "\($0):\(port)" })
  }
}

/// What the doors' requests set going, as a service of the group.
private struct DaemonService: Service {
  let daemon: Daemon

  func run() async throws {
    await cancelWhenGracefulShutdown { await daemon.run() }
  }
}
