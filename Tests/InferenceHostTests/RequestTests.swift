import Foundation
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Testing

@testable import InferenceHost

private func parse(
  _ json: String, limits: InvocationLimits = InvocationLimits()
) throws(InvocationFault) -> Invocation {
  try Invocation(body: Array(json.utf8), contentType: "application/json", limits: limits)
}

private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

@Suite struct RequestTests {
  @Test(arguments: [
    ("[[0, 128], [255, 1e1]]", [[0, 128, 255, 10]]),
    ("[[0.0, 0.5], [1, 1]]", [[0, 128, 255, 255]]),
    ("[[[255, 0, 0], [0, 255, 0]]]", [[76, 150]]),
    ("[[[9], [8]]]", [[9, 8]]),
    ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", [[1, 2, 3, 4], [5, 6, 7, 8]]),
    ("[[[1, 2]], [[3, 4, 5, 6], [3, 4, 5, 6]]]", [[1, 2], [3, 4, 5, 6, 3, 4, 5, 6]]),
    ("[[[[10, 10, 10], [20, 20, 20]]], [[[30, 30, 30], [40, 40, 40]]]]", [[10, 20], [30, 40]]),
    ("[[[[10], [20]]], [[[30], [40]]]]", [[10, 20], [30, 40]]),
  ])
  func `nested lists are images as numpy writes them`(json: String, pixels: [[UInt8]]) throws {
    #expect(try parse(json).words.map(\.pixels) == pixels)
    #expect(try parse("{\"instances\": \(json)}").words.map(\.pixels) == pixels)
  }

  @Test(arguments: [
    "{\"image\": \"F\"}", "{\"images\": [\"F\"]}", "{\"instances\": [{\"image\": \"F\"}]}",
    "{\"instances\": [{\"b64\": \"F\"}]}", "[\"F\"]", "{\"image\": \"data:image/png;base64,F\"}",
    " {\n\"image\" : \"F\" , \"characters\" : false } ",
  ])
  func `files come as base64 in each of the documented places`(template: String) throws {
    let json = template.replacingOccurrences(of: "F", with: base64(try png(5, 4)))
    let words = try parse(json).words
    #expect(words.count == 1)
    #expect(words.first?.width == 5 && words.first?.height == 4)
  }

  @Test func `base64 may be escaped and broken into lines`() throws {
    let text = base64(try png(40, 30)).replacingOccurrences(of: "/", with: "\\/").replacingOccurrences(
      of: "+", with: "\\u002B")
    let broken = stride(from: 0, to: text.count, by: 70).map { start in
      String(text.dropFirst(start).prefix(70))
    }
    // A line end within an escape would be another text.
    let json = broken.contains { $0.hasSuffix("\\") } ? text : broken.joined(separator: "\\n")
    #expect(try parse("{\"image\": \"\(json)\"}").words[0].width == 40)
  }

  @Test func `crops are cut from the page`() throws {
    let page = base64(try png(100, 80))
    let crop = #"[{"x": 10, "y": 10}, {"x": 50, "y": 10}, {"x": 50, "y": 30}, {"x": 10, "y": 30}]"#
    let words = try parse("{\"image\": \"\(page)\", \"crops\": [\(crop), \(crop)]}").words
    #expect(words.count == 2)
    #expect(words.allSatisfy { (38...48).contains($0.width) && (18...28).contains($0.height) })
  }

  @Test func `options are read`() throws {
    let request = try parse(#"{"image": [[1]], "alternatives": 3, "characters": true}"#)
    #expect(request.options == ReadingOptions(characters: true, alternatives: 3))
  }

  @Test(arguments: [
    ("", 400), ("nonsense", 400), ("{}", 400), ("{\"image\"", 400), ("{\"image\": 5}", 400), ("[[1]] x", 400),
    ("{\"image\": \"%%%\"}", 400), ("{\"image\": \"\"}", 400), ("{\"image\": \"aGVsbG8=\"}", 422),
    ("{\"image\": [[1]], \"images\": [[1]]}", 400), ("{\"image\": [[1]], \"image\": [[1]]}", 400),
    ("{\"image\": [[1]], \"alternative\": 3}", 400), ("{\"image\": [[1]], \"alternatives\": 11}", 400),
    ("{\"image\": [[1]], \"alternatives\": 1.5}", 400), ("{\"image\": [[1]], \"alternatives\": -1}", 400),
    ("{\"image\": [[1]], \"characters\": 1}", 400), ("{\"images\": [[1]], \"crops\": []}", 400),
    ("{\"image\": [[1]], \"crops\": [[]]}", 422), ("{\"image\": [[1]], \"crops\": [[{\"x\": 1}]]}", 400),
    ("{\"image\": [[1]], \"crops\": [[{\"x\": 1e999, \"y\": 2}]]}", 400),
    ("{\"image\": [[[1, 2]], [[3, 4]]], \"crops\": []}", 400),
    ("[1, 2]", 422), ("[[1, 2], [3]]", 422), ("[[1], [[2]]]", 400), ("[[1, [2]]]", 400), ("[[[1]], 2]", 400),
    ("[[]]", 400), ("[[256]]", 422), ("[[-1]]", 422), ("[[01]]", 400), ("[[1.]]", 400), ("[[1,]]", 400), ("[[-]]", 400),
    ("[[[[1, 2]]]]", 422), ("[[[[[1]]]]]", 400), ("[[null]]", 400), ("[[1e999]]", 422), ("[{}]", 400),
    ("[{\"image\": {\"image\": [[1]]}}]", 400), ("[\"\u{1}\"]", 400), ("[\"\\", 400), ("[\"\\q\"]", 400),
  ])
  func `a wrong body is refused with a reason`(json: String, status: Int) {
    do throws(InvocationFault) {
      let found = try parse(json)
      Issue.record("\(json) was taken as \(found)")
    } catch {
      #expect(error.code.status == status, "\(error.message)")
      #expect(error.message.count > 20)
    }
  }

  @Test(arguments: [
    ("image/jpeg", true), ("IMAGE/PNG; q=1", true), ("application/x-image", true), (nil, true),
    ("application/octet-stream", true), ("text/csv", false), ("application/x-www-form-urlencoded", false),
  ])
  func `an image is taken by its content type or its first bytes`(type: String?, isTaken: Bool) throws {
    let body = try png(3, 2)
    if isTaken {
      #expect(try Invocation(body: body, contentType: type, limits: .init()).words.map(\.width) == [3])
    } else {
      #expect { try Invocation(body: body, contentType: type, limits: .init()) } throws: {
        ($0 as? InvocationFault)?.code == .unsupportedMediaType
      }
    }
  }

  @Test func `JSON without a content type is known by its first byte, anything else is refused`() throws {
    #expect(try Invocation(body: Array(" [[1]]".utf8), contentType: nil, limits: .init()).words.count == 1)
    #expect { try Invocation(body: [1, 2, 3], contentType: nil, limits: .init()) } throws: {
      ($0 as? InvocationFault)?.code == .unsupportedMediaType
    }
  }

  @Test func `each bound is kept`() throws {
    var limits = InvocationLimits()
    (limits.images, limits.pixels, limits.corners) = (2, 100, 3)
    let file = base64(try png(8, 8))
    let corner = #"{"x": 0, "y": 0}"#
    for json in [
      "[\"\(file)\", \"\(file)\"]", "[\"\(file)\", \"\(file)\", \"\(file)\"]", "[[[1,2]],[[1,2]],[[1,2]]]",
      "[[\(Array(repeating: "1", count: 101).joined(separator: ","))]]",
      "[[\(Array(repeating: "1", count: 301).joined(separator: ","))]]", "[\"\(base64(try png(11, 11)))\"]",
      "{\"image\": [[1]], \"crops\": [[\(corner),\(corner),\(corner),\(corner)]]}",
    ] {
      #expect {
        try parse(json, limits: limits)
      } throws: { ($0 as? InvocationFault)?.code == .tooLarge }
    }
    limits.bodyBytes = 3
    #expect { try parse("[[1]]", limits: limits) } throws: { ($0 as? InvocationFault)?.code == .tooLarge }
  }

  @Test func `a large word is made smaller as it is decoded`() throws {
    var limits = InvocationLimits()
    limits.wordSide = 32
    #expect(try Invocation(body: try png(64, 16), contentType: nil, limits: limits).words[0].width == 32)
  }

  @Test(arguments: 0..<20)
  func `damaged bodies are refused, never fatal`(seed: Int) throws {
    let corner = #"{"x": 1, "y": 1}, {"x": 9.5, "y": 1}, {"x": 9, "y": 7e0}"#
    let file = base64(try png(12, 9))
    let seeds: [[UInt8]] = [
      Array("{\"image\": \"\(file)\", \"crops\": [[\(corner)]], \"alternatives\": 2, \"characters\": true}".utf8),
      Array("{\"instances\": [[[1, 2.5, 0.25], [3, 4, 5e0]], [[6, 7, 8], [9, 10, 11]]]}".utf8),
      try png(12, 9), try ImageEncoder.jpeg(GreyImage(width: 12, height: 9, shade: 100)),
    ]
    var random = SeededRandom(seed: UInt64(seed))
    for _ in 0..<100 {
      var body = seeds[random.below(seeds.count)]
      for _ in 0...random.below(4) where body.count > 1 {
        let at = random.below(body.count)
        switch random.below(4) {
        case 0: body[at] = UInt8(random.below(256))
        case 1: body.remove(at: at)
        case 2: body.insert(contentsOf: body[at...].prefix(random.below(8)), at: at)
        default: body = Array(body[..<max(1, at)])
        }
      }
      let found = Result { () throws(InvocationFault) in
        try Invocation(body: body, contentType: nil, limits: .init())
      }
      if case .failure(let fault) = found { #expect((400...422).contains(fault.code.status)) }
    }
  }
}

extension SeededRandom {
  fileprivate mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
