import Client
import Documents
import HostKit
import ImageKit
import JSONKit
import Pages
import Reports

/// Two workers, as in the AWS blog: one finds the words of a page, the other reads them as crops of that page.
struct EndpointPair: ReadingSource {
  let segmentation: WorkerEndpoint
  let recognition: WorkerEndpoint
  /// What a worker takes in one request.
  static let mostCrops = 256

  func read(_ page: DocumentPage) throws -> ReadPage {
    let answer = try segmentation.ask(page.bytes, contentType: page.contentType)
    guard !WorkerAnswer.isReadings(answer) else {
      throw segmentation.wrongKind(
        WorkerAnswer.isRecognition, advice: "Give it as --recognition-endpoint, and one that finds words here.")
    }
    var read = try ReadPage(answer: answer)
    for index in read.words.indices { (read.words[index].text, read.words[index].confidence) = ("", 0) }
    // What is too thin to be cut would have the whole request refused.
    let words = read.words.indices.filter { Self.canBeCut(read.words[$0].polygon) }
    let image = words.isEmpty ? [] : Base64.bytes(page.bytes)
    for start in stride(from: 0, to: words.count, by: Self.mostCrops) {
      let batch = words[start..<min(start + Self.mostCrops, words.count)]
      let readings = try readings(of: batch.map { read.words[$0].polygon }, on: page, image: image)
      for (index, reading) in zip(batch, readings) {
        (read.words[index].text, read.words[index].confidence) = reading
      }
    }
    return read
  }

  /// - Parameter image: the page's bytes in base64.
  private func readings(
    of polygons: [[Point]], on page: DocumentPage, image: [UInt8]
  ) throws -> [(text: String, confidence: Double)] {
    let answer: JSON
    do {
      answer = try recognition.ask(Self.request(image: image, polygons), contentType: "application/json")
    } catch let failure as PageFailure {
      // A worker that does not know crops refuses them; what it does with the page tells whether it is such a worker.
      if let other = try? recognition.ask(page.bytes, contentType: page.contentType) { try checkKind(other) }
      throw failure
    }
    try checkKind(answer)
    guard let predictions = answer["predictions"]?.array, predictions.count == polygons.count else {
      throw PageFailure(
        "\(recognition.client.address) answers \(answer["predictions"]?.array?.count ?? 0) readings for "
          + "\(polygons.count) words")
    }
    return try predictions.map { prediction in
      guard let text = prediction["text"]?.string, let confidence = prediction["confidence"]?.number,
        (0...1).contains(confidence)
      else { throw PageFailure("\(recognition.client.address) answers a reading without text or confidence") }
      return (text, confidence)
    }
  }

  private func checkKind(_ answer: JSON) throws {
    guard !WorkerAnswer.isPage(answer) else {
      throw recognition.wrongKind(
        "it finds words on pages: it is a word-segmentation or page worker",
        advice: "Give it as --segmentation-endpoint or --page-endpoint.")
    }
  }

  private static func canBeCut(_ polygon: [Point]) -> Bool {
    Quad(around: polygon).map { $0.width >= 1 && $0.height >= 1 } ?? false
  }

  static func request(image: [UInt8], _ polygons: [[Point]]) -> [UInt8] {
    let crops = JSON.array(
      polygons.map { polygon in .array(polygon.map { ["x": .number($0.x), "y": .number($0.y)] }) })
    return Array(#"{"image":""#.utf8) + image + Array(#"","crops":"#.utf8) + crops.bytes + [UInt8(ascii: "}")]
  }
}

extension ReadPage {
  /// What a worker answered.
  init(answer: JSON) throws(PageFailure) {
    do throws(PageFormatError) {
      try self.init(json: answer)
    } catch {
      throw PageFailure("the worker's answer is not a page: \(error)")
    }
  }
}
