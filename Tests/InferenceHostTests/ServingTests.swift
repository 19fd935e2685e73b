import Foundation
import Handwriting
import ImageKit
import JSONKit
import TestKit
import Testing

@testable import InferenceHost

@Suite(.timeLimit(.minutes(1))) struct ServingTests {
  @Test(arguments: ["image/png", "application/x-image", nil])
  func `an image is read`(type: String?) async throws {
    try await withWorker { worker in
      let reply = try await worker.invoke(try png(7, 5), type: type)
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "application/json")
      #expect(reply.text == #"{"predictions":[{"text":"7x5","confidence":0.9}]}"#)
      #expect(reply.headers["x-htr-queue-ms"].flatMap(Double.init) ?? -1 >= 0)
      #expect(reply.headers["x-htr-read-ms"].flatMap(Double.init) ?? -1 >= 0)
    }
  }

  @Test func `a JPEG is read`() async throws {
    try await withWorker { worker in
      let body = try ImageEncoder.jpeg(GreyImage(width: 9, height: 4, shade: 90))
      #expect(try await worker.invoke(body, type: "image/jpeg").predictions == ["9x4"])
    }
  }

  @Test func `many images are answered in their order, as JSON or as text`() async throws {
    try await withWorker { worker in
      let json = "[[[1,1]],[[1],[1]],[[1,2,3,4]]]"
      #expect(try await worker.invoke(json: json).predictions == ["2x1", "1x2", "4x1"])
      let text = try await worker.invoke(json: json, accept: "text/plain")
      #expect(text.text == "2x1\n1x2\n4x1\n")
      #expect(text.headers["content-type"] == "text/plain; charset=utf-8")
    }
  }

  @Test func `characters and alternatives come on request`() async throws {
    try await withWorker { worker in
      let reply = try await worker.invoke(json: #"{"image": [[9]], "characters": true, "alternatives": 2}"#)
      let prediction = reply.json?["predictions"]?[0]
      #expect(prediction?["characters"]?.array?.count == 3)
      #expect(prediction?["alternatives"]?.array?.count == 2)
    }
  }

  @Test func `no images give no readings`() async throws {
    try await withWorker { worker in
      let reply = try await worker.invoke(json: #"{"images": []}"#)
      #expect(reply.text == #"{"predictions":[]}"#)
    }
  }

  @Test func `a request as large as allowed is answered, a larger one refused at once`() async throws {
    try await withWorker(settings: testSettings { $0.limits.bodyBytes = 200_000 }) { worker in
      let row = "[" + Array(repeating: "200", count: 40_000).joined(separator: ",") + "]"
      #expect(try await worker.invoke(json: "[\(row)]").predictions == ["40000x1"])
      let client = try worker.connect()
      try client.send(requestBytes("POST", "/invocations", headers: ["Content-Length": "200001"]))
      let reply = try await client.reply()
      #expect(reply.status == 413)
      #expect(reply.code == "PayloadTooLarge")
    }
  }

  @Test func `a body of unknown length is bounded as it comes`() async throws {
    try await withWorker(settings: testSettings { $0.limits.bodyBytes = 10 }) { worker in
      let client = try worker.connect()
      try client.send(requestBytes("POST", "/invocations", headers: ["Transfer-Encoding": "chunked"]))
      try client.send(Array("8\r\n[[1, 1, \r\n8\r\n1, 1, 1 \r\n".utf8))
      #expect(try await client.reply().status == 413)
    }
  }

  @Test(arguments: [
    ("GET", "/", 404), ("POST", "/ping", 405), ("GET", "/invocations", 405), ("POST", "/invocations/x", 404),
    ("POST", "/invocations", 400),
  ])
  func `other requests are told what there is`(method: String, path: String, status: Int) async throws {
    try await withWorker { worker in
      let reply = try await worker.ask(method, path)
      #expect(reply.status == status)
      #expect(reply.code != nil && reply.message.count > 20)
    }
  }

  @Test func `wrong types are refused with 415 and 406`() async throws {
    try await withWorker { worker in
      let unread = try await worker.invoke([1], type: "text/csv")
      #expect(unread.status == 415)
      let unwritten = try await worker.invoke(json: "[[1]]", accept: "image/png")
      #expect(unwritten.status == 406)
      let damaged = try await worker.invoke(Array(try png(5, 5).prefix(40)), type: "image/png")
      #expect(damaged.status == 422)
    }
  }

  @Test func `a connection serves one request after another, wrong ones included`() async throws {
    try await withWorker { worker in
      let client = try worker.connect()
      for (body, status) in [("[[1]]", 200), ("nonsense", 415), ("[[1,2]]", 200)] {
        try client.send(requestBytes("POST", "/invocations", body: Array(body.utf8)))
        #expect(try await client.reply().status == status)
      }
    }
  }

  @Test func `bytes that are not HTTP harm nobody`() async throws {
    try await withWorker { worker in
      let client = try worker.connect()
      try client.send(Array("\u{0}\u{1} nonsense\r\n\r\n".utf8))
      #expect(try await client.reply().status == 400)
      #expect(try await worker.ask("GET", "/ping").status == 200)
    }
  }

  @Test(arguments: [
    ("127.0.0.1:1", nil, 200), ("localhost", nil, 200), ("[::1]:80", nil, 200), ("evil.example.com", nil, 403),
    ("127.0.0.1.example.com", nil, 403), ("localhost", "https://example.com", 403),
  ])
  func `on TCP a web page of somebody else gets nothing`(host: String, origin: String?, status: Int) async throws {
    try await withWorker(settings: testSettings { $0.address = .tcp(host: "127.0.0.1", port: 0) }) { worker in
      let client = try WireClient(port: try #require(worker.port))
      var headers: [String: String] = [:]
      headers["Origin"] = origin
      try client.send(requestBytes("POST", "/invocations", host: host, headers: headers, body: Array("[[1]]".utf8)))
      let reply = try await client.reply()
      #expect(reply.status == status)
    }
  }

  @Test func `the socket is its owner's alone`() async throws {
    try await withWorker { worker in
      let attributes = try FileManager.default.attributesOfItem(atPath: worker.socket)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }
}
