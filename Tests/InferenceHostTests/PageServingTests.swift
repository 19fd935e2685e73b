import Foundation
import Handwriting
import ImageKit
import JSONKit
import Pages
import TestKit
import Testing

@testable import InferenceHost

@Suite(.timeLimit(.minutes(1))) struct PageServingTests {
  private func page(_ reply: WireClient.Reply) throws -> ReadPage {
    try ReadPage(json: #require(reply.json))
  }

  @Test(arguments: ["image/png", "application/x-image", nil])
  func `an image of a page is read`(type: String?) async throws {
    try await withPageWorker { worker in
      let reply = try await worker.invoke(try png(200, 100), type: type)
      #expect(reply.status == 200 && reply.headers["content-type"] == "application/json")
      let page = try page(reply)
      #expect((page.width, page.height, page.rotation) == (200, 100, 0))
      #expect(page.words.map(\.line) == [0, 0, 1])
      #expect(
        page.words.allSatisfy {
          $0.text?.contains("x") == true && $0.confidence == 0.9 && $0.score == 0.75
        })
      #expect(reply.headers["x-htr-queue-ms"].flatMap(Double.init) ?? -1 >= 0)
      #expect(reply.headers["x-htr-read-ms"].flatMap(Double.init) ?? -1 >= 0)
    }
  }

  @Test func `without a recognition model words are found and carry no text`() async throws {
    try await withPageWorker(reader: nil) { worker in
      let reply = try await worker.invoke(try png(200, 100), type: "image/png")
      #expect(try page(reply).words.map(\.text) == [nil, nil, nil])
      #expect(!reply.text.contains("confidence") && !reply.text.contains("\"text\""))
      let text = try await worker.invoke(try png(200, 100), type: "image/png", accept: "text/plain")
      #expect(text.status == 406 && text.message.contains("not read"))
    }
  }

  @Test(arguments: ["{\"image\": \"F\"}", "{\"instances\": [{\"b64\": \"F\"}]}", "[\"F\"]"])
  func `a page may come as base64 in JSON`(template: String) async throws {
    try await withPageWorker { worker in
      let file = Data(try png(120, 90)).base64EncodedString()
      let reply = try await worker.invoke(json: template.replacingOccurrences(of: "F", with: file))
      #expect(try page(reply).width == 120)
    }
  }

  @Test func `a page may come as pixels`() async throws {
    try await withPageWorker { worker in
      let row = "[" + Array(repeating: "200", count: 40).joined(separator: ",") + "]"
      let reply = try await worker.invoke(
        json: "[\(Array(repeating: row, count: 30).joined(separator: ","))]")
      let page = try page(reply)
      #expect((page.width, page.height, page.words.count) == (40, 30, 3))
    }
  }

  @Test(arguments: [
    ([:], "application/json"),
    (["Accept": "application/json; form=notebook"], "application/json; form=notebook"),
    (
      ["X-Amzn-SageMaker-Custom-Attributes": "trace=1, form=notebook"],
      "application/json; form=notebook"
    ),
    (
      [
        "Accept": "application/json; form=page",
        "X-Amzn-SageMaker-Custom-Attributes": "form=notebook",
      ],
      "application/json"
    ),
    (["Accept": "text/plain"], "text/plain; charset=utf-8"),
    (["Accept": "text/html, */*;q=0.1"], "application/json"),
  ])
  func `the form of the answer is the sender's choice`(headers: [String: String], type: String)
    async throws
  {
    try await withPageWorker { worker in
      let reply = try await worker.invoke(try png(200, 100), type: "image/png", headers: headers)
      #expect(reply.status == 200 && reply.headers["content-type"] == type)
      switch type {
      case "application/json": #expect(reply.json?["version"]?.integer == 1)
      case "text/plain; charset=utf-8":
        #expect(reply.text.split(separator: "\n").map { $0.split(separator: " ").count } == [2, 1])
      default:
        #expect(
          reply.json?["line_bbs"]?.array?.count == 3 && reply.json?["decoded"]?.array?.count == 3)
      }
    }
  }

  @Test(arguments: [
    (["Accept": "image/png"], 406), (["Accept": "application/json; form=alto"], 406),
    (["X-Amzn-SageMaker-Custom-Attributes": "form=alto"], 400), (["Content-Type": "text/csv"], 415),
  ])
  func `forms and types that there are not are refused`(headers: [String: String], status: Int)
    async throws
  {
    try await withPageWorker { worker in
      let reply = try await worker.invoke(
        try png(200, 100), type: headers["Content-Type"], headers: headers)
      #expect(reply.status == status && reply.message.count > 20)
    }
  }

  @Test(arguments: [
    "{\"image\": [[1]], \"crops\": []}", "{\"image\": [[1]], \"alternatives\": 2}",
    "{\"image\": [[1]], \"characters\": true}", "{\"images\": []}", "[[[1, 2]], [[3, 4]]]",
    "{\"page\": [[1]]}",
  ])
  func `a request for another kind of worker is refused with the reason`(json: String) async throws {
    try await withPageWorker { worker in
      let reply = try await worker.invoke(json: json)
      #expect(reply.status == 400 && reply.message.count > 40)
    }
  }

  @Test func `several images in one request are refused`() async throws {
    try await withPageWorker { worker in
      let file = Data(try png(20, 20)).base64EncodedString()
      #expect(try await worker.invoke(json: "[\"\(file)\", \"\(file)\"]").status == 413)
    }
  }

  @Test func `a worker that reads words refuses a form of pages`() async throws {
    try await withWorker { worker in
      let reply = try await worker.invoke(json: "[[1]]", accept: "application/json; form=notebook")
      #expect(reply.status == 406 && reply.message.contains("form"))
    }
  }

  @Test func `a large page is made smaller for the model and answered in its own pixels`()
    async throws
  {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser, settings: pageSettings { $0.limits.pageSide = 100 }) {
      worker in
      for body in [
        try ImageEncoder.jpeg(GreyImage(width: 820, height: 410, shade: 90)), try png(820, 410),
      ] {
        let page = try page(try await worker.invoke(body, type: nil))
        #expect((page.width, page.height) == (820, 410))
        #expect(abs((page.words.first?.polygon.first?.x ?? 0) - 82) < 1)
      }
      #expect(localiser.pages.values.suffix(2) == ["100x50", "100x50"])
    }
  }

  @Test func `an empty page is an answer without words, in every form`() async throws {
    try await withPageWorker { worker in
      let blank = try png(60, 40, shade: 255)
      #expect(try page(try await worker.invoke(blank, type: nil)).words.isEmpty)
      #expect(try await worker.invoke(blank, type: nil, accept: "text/plain").body.isEmpty)
      let notebook = try await worker.invoke(
        blank, type: nil, headers: ["Accept": "application/json;form=notebook"])
      #expect(notebook.text == #"{"line_bbs":[],"decoded":[]}"#)
    }
  }

  @Test func `a page of one pixel is an answer without words`() async throws {
    try await withPageWorker { worker in
      let reply = try await worker.invoke(try png(1, 1, shade: 0), type: "image/png")
      #expect(reply.text == #"{"version":1,"width":1,"height":1,"rotation":0,"words":[]}"#)
    }
  }

  @Test func `a page of 20,000 by 20,000 pixels is refused by its header`() async throws {
    // The header of a large image before the pixels of a small one: what is refused later than by the header is damaged.
    var jpeg = try ImageEncoder.jpeg(GreyImage(width: 16, height: 16, shade: 200))
    let frame = try #require(
      jpeg.indices.dropLast(9).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0x4E, 0x20, 0x4E, 0x20])
    try await withPageWorker { [jpeg] worker in
      let reply = try await worker.invoke(jpeg, type: "image/jpeg")
      #expect(reply.status == 413 && reply.message.contains("400000000 pixels"))
    }
  }

  @Test func `a truncated page is refused`() async throws {
    try await withPageWorker { worker in
      let jpeg = try ImageEncoder.jpeg(GreyImage(width: 300, height: 200, shade: 200))
      let reply = try await worker.invoke(Array(jpeg.dropLast(jpeg.count / 3)), type: "image/jpeg")
      #expect(reply.status == 422 && reply.code == "UnreadableImage")
    }
  }
}
