import Foundation
import Glibc
import NIOCore
import NIOPosix
import Serving
import Signing
import TestKit

/// A router behind a real socket, with a stand-in for the control API behind the splitter.
final class DataPlane {
  let router: InvocationRouter
  let folder: String
  /// What came through to the control API, as text.
  let control = Mailbox<String>()
  let troubles = Mailbox<(token: String, trouble: WorkerTrouble)>()
  /// Accepted connections.
  let accepted = Mailbox<any Channel>()
  private(set) var address = ""
  private let server: any Channel
  var port: Int { server.localAddress?.port ?? 0 }

  init(_ folder: String, settings: RouterSettings = RouterSettings(), door: InvocationDoor? = nil) async throws {
    self.folder = folder
    let (troubles, control, accepted) = (troubles, control, accepted)
    let router = InvocationRouter(settings: settings, group: MultiThreadedEventLoopGroup.singleton) {
      troubles.send(($0, $1))
    }
    self.router = router
    let identity = try PeerVerifier.verify(peerUID: 0, ownerUID: 0, region: "us-east-1")
    let usedDoor = door ?? .peer { _ in identity }
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(ChannelOptions.backlog, value: 256)
      .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        accepted.send(channel)
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(RequestSplitter(router: router, door: usedDoor))
          try channel.pipeline.syncOperations.addHandler(FakeControl(control))
        }
      }
    address = "\(folder)/front"
    server =
      door == nil
      ? try await bootstrap.bind(unixDomainSocketPath: address).get()
      : try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
  }

  deinit { server.close(promise: nil) }

  func connect() throws -> Caller { try Caller(path: address) }
  func connectByTCP() throws -> Caller { try Caller(port: port) }

  /// Publishes an endpoint with one variant of these workers.
  func publish(
    _ workers: [FakeWorker], at endpoint: String = "words", perWorker: Int = 8, timeout: Double = 20,
    tokens: [String]? = nil
  ) {
    publish(
      endpoint,
      [
        .init(
          name: "AllTraffic", weight: 1, requestsPerWorker: perWorker, timeoutSeconds: timeout,
          workers: workers.enumerated().map { index, worker in
            ReadyWorker(token: tokens?[index] ?? worker.path, stages: [.unix(path: worker.path)])
          })
      ])
  }

  func publish(_ endpoint: String, _ variants: [EndpointRoute.Variant]) {
    router.publish(EndpointRoute(endpoint: endpoint, account: "000000000000", region: "us-east-1", variants: variants))
  }

  /// A worker in this folder.
  func worker(_ name: String, _ react: @escaping @Sendable (SeenRequest) -> Reaction) throws -> FakeWorker {
    try FakeWorker("\(folder)/\(name)", react: react)
  }
}

/// Answers each head with its path, and takes no notice of bodies.
private final class FakeControl: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let seen: Mailbox<String>
  private var text = ""

  init(_ seen: Mailbox<String>) { self.seen = seen }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let piece = String(buffer: unwrapInboundIn(data))
    seen.send(piece)
    text += piece
    while let end = text.range(of: "\r\n\r\n") {
      let line = text[..<end.lowerBound]
      text.removeSubrange(..<end.upperBound)
      // The end of a chunked body looks like the end of a head, but for its beginning.
      guard line.hasPrefix("GET ") || line.hasPrefix("POST ") || line.hasPrefix("PUT ") else { continue }
      if line.contains("/wanted") { context.triggerUserOutboundEvent(BodyWanted(), promise: nil) }
      let body = "control \(line.split(separator: " ")[1])"
      let answer = "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
      // Late, as real answers are.
      context.eventLoop.assumeIsolated().execute {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.triggerUserOutboundEvent(ControlAnswerEnded(), promise: nil)
      }
    }
  }
}

/// A client with one connection.
final class Caller {
  let stream: RawStream

  init(path: String) throws {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    stream = RawStream(number)
    guard withUnixAddress(path, { Glibc.connect(number, $0, $1) }) == 0 else { throw Overdue(what: "a connection") }
  }

  init(port: Int) throws {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    stream = RawStream(number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Overdue(what: "a connection") }
  }

  func send(_ text: String) { _ = stream.send(Array(text.utf8)) }

  func post(_ body: String, to endpoint: String = "words", more: String = "") {
    send(
      "POST /endpoints/\(endpoint)/invocations HTTP/1.1\r\nHost: x\r\n\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    )
  }

  func answer() throws -> CallAnswer {
    guard let (head, body) = stream.nextMessage() else { throw Overdue(what: "an answer") }
    return CallAnswer(head: head, bytes: body)
  }

  func call(_ body: String, to endpoint: String = "words", more: String = "") throws -> CallAnswer {
    post(body, to: endpoint, more: more)
    return try answer()
  }

  /// True when the other side closes without another byte.
  func isClosed() -> Bool { !stream.readSome() }
  func close() { shutdown(stream.descriptor, Int32(SHUT_RDWR)) }
}

struct CallAnswer {
  let head: String
  let bytes: [UInt8]
  var body: String { String(decoding: bytes, as: UTF8.self) }
  var status: Int { Int(head.split(separator: " ")[1]) ?? 0 }
  func value(_ name: String) -> String? { SeenRequest(head: head, body: []).value(name) }
}
