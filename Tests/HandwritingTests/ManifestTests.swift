import Handwriting
import HostKit
import ImageKit
import Testing

@Suite struct ManifestTests {
  static let square = #"[{"x":0,"y":0},{"x":9,"y":0},{"x":9,"y":9}]"#

  static func line(word: String) -> String { #"{"source-ref":"a.jpg","annotations":{"texts":["# + word + "]}}" }

  static let corners = [Point(x: 0, y: 0), Point(x: 9.5, y: 0), Point(x: 9, y: 9)]

  @Test(arguments: [
    #""polygon":[{"x":0,"y":0},{"x":9.5,"y":0},{"x":9,"y":9}]"#,
    #""bb":[{"x":0,"y":0},{"x":9.5,"y":0},{"x":9,"y":9}]"#,
    #""polygon":[[0,0],[9.5,0],[9,9]]"#,
    #""bb":{"x0":0,"y0":0,"x1":9.5,"y1":0,"x2":9,"y2":9}"#,
    #""polygon":[{"x":0,"y":0,"z":1},{"x":9.5,"y":0},{"x":9,"y":9}],"confidence":0.5"#,
  ])
  func `every form of a polygon reads the same`(form: String) throws {
    let manifest = try read(Self.line(word: #"{"text":"of",\#(form)}"#))
    #expect(manifest.pages.first?.words == [WordAnnotation(text: "of", polygon: Self.corners)])
  }

  @Test(arguments: [
    (#"{"source-ref":"s3://b/a.jpg","words":{"texts":[]},"words-metadata":{"source":"iam"}}"#, "iam"),
    (#"{"source-ref":"a","x":{"texts":[]},"x-metadata":{"source":"no"},"annotations":{"texts":[]}}"#, nil),
    (#"{"source-ref":"a","class":1,"class-metadata":{"source":"no"},"annotations":{"texts":[]}}"#, nil),
  ])
  func `the label attribute is found under any name`(line: String, collection: String?) throws {
    let manifest = try read(line)
    #expect(manifest.pages.map(\.collection) == [collection])
  }

  @Test func `line numbers are read under both names`() throws {
    let first = #"{"text":"a","polygon":\#(Self.square),"line_idx":3,"type":"H"}"#
    let second = #"{"text":"b","polygon":\#(Self.square),"line_num":4}"#
    let words = try #require(try read(Self.line(word: "\(first),\(second)")).pages.first?.words)
    #expect(words.map(\.line) == [3, 4])
    #expect(words.map(\.kind) == ["H", nil])
  }

  @Test func `white space is cut at the ends and kept inside`() throws {
    let manifest = try read(Self.line(word: #"{"text":"\t two  words\n","polygon":\#(Self.square)}"#))
    #expect(manifest.pages.first?.words.first?.text == "two  words")
  }

  @Test func `empty lines, a byte order mark and Windows line ends are no fault`() throws {
    let line = Self.line(word: "")
    let manifest = try read("\u{FEFF}\(line)\r\n\r\n   \n\(line)")
    #expect(manifest.pages.count == 2)
    #expect(manifest.faultCount == 0)
  }

  static let badLines: [(line: String, reason: String)] = [
    (#"{"source-ref":"#, "invalid JSON"),
    ("[1]", "not a JSON object"),
    (#"{"annotations":{"texts":[]}}"#, "source-ref"),
    (#"{"source-ref":"","annotations":{"texts":[]}}"#, "source-ref"),
    (#"{"source-ref":"a\u0000b","annotations":{"texts":[]}}"#, "source-ref"),
    (#"{"source-ref":"a"}"#, "no member holds the words"),
    (#"{"source-ref":"a","annotations":{"texts":{}}}"#, "no member holds the words"),
    (line(word: "7"), "annotations.texts[0] is not an object"),
    (line(word: #"{"polygon":\#(square)}"#), "has no \"text\""),
    (line(word: #"{"text":"a"}"#), "has no \"polygon\""),
    (line(word: #"{"text":"a","polygon":"round"}"#), "must be a list"),
    (line(word: #"{"text":"a","polygon":{"a":1}}"#), "must be a list"),
    (line(word: #"{"text":"a","polygon":[[0,0],[1,1]]}"#), "has 2 points"),
    (line(word: #"{"text":"a","polygon":[[0,0],[1,1],[2]]}"#), "point 2"),
    (line(word: #"{"text":"a","polygon":[[0,0],[1,1],["2",2]]}"#), "point 2"),
    (line(word: #"{"text":"a","bb":{"x0":0,"y0":0,"x1":1,"y1":1,"x2":1}}"#), "point 2"),
    (line(word: #"{"text":"a","polygon":[[0,0],[1,1],[2,1e300]]}"#), "point 2"),
    (line(word: #"{"text":"a","polygon":[[0,0],[1,1],[2,1e999]]}"#), "number out of range"),
    (line(word: #"{"text":"\#(String(repeating: "a", count: 201))","polygon":\#(square)}"#), "longer than 200"),
    (
      line(word: #"{"text":"a\#(String(repeating: "\u{301}", count: 5_000))","polygon":\#(square)}"#), "longer than 200"
    ),
    (line(word: #"{"text":"a","polygon":[\#(String(repeating: "[1,1],", count: 1_000))[1,1]]}"#), "has 1001 points"),
  ]

  @Test(arguments: badLines)
  func `a bad line stops the reading with its place and reason`(bad: (line: String, reason: String)) throws {
    let fault = try #require(throws: ManifestFault.self) { try read(Self.line(word: "") + "\n" + bad.line) }
    #expect(fault.line == 2)
    #expect(fault.file.hasSuffix(".manifest"))
    #expect(fault.reason.contains(bad.reason), "\(fault)")
  }

  @Test func `bad lines are skipped and counted on demand`() throws {
    let text = Self.badLines.map { "\($0.line)\n\(Self.line(word: ""))\n" }.joined()
    var limits = ManifestLimits()
    limits.keptFaults = 3
    let manifest = try read(text, onFault: .skip, limits: limits)
    #expect(manifest.pages.count == Self.badLines.count)
    #expect(manifest.faultCount == Self.badLines.count)
    #expect(manifest.faults.map(\.line) == [1, 3, 5])
  }

  @Test func `a line longer than the limit is read past and not kept`() throws {
    var limits = ManifestLimits()
    limits.lineBytes = 100_000
    let long = Self.line(word: "") + String(repeating: " ", count: 200_000)
    let manifest = try read("\(long)\n\(Self.line(word: ""))\n\(long)", onFault: .skip, limits: limits)
    #expect(manifest.pages.count == 1)
    #expect(manifest.faults.map(\.line) == [1, 3])
    #expect(manifest.faults.first?.reason.contains("longer than 100000 bytes") == true)
  }

  @Test func `too many words on a page and too many lines are refused`() throws {
    var limits = ManifestLimits()
    limits.wordsPerPage = 1
    limits.lines = 2
    let word = #"{"text":"a","polygon":\#(Self.square)}"#
    let fault = try #require(throws: ManifestFault.self) {
      try read(Self.line(word: "\(word),\(word)"), limits: limits)
    }
    #expect(fault.reason.contains("2 words"))
    let three = Array(repeating: Self.line(word: ""), count: 3).joined(separator: "\n")
    let many = try #require(throws: ManifestFault.self) { try read(three, onFault: .skip, limits: limits) }
    #expect(many.line == 3)
  }

  @Test func `a missing file is a system error with its path`() {
    #expect(throws: SystemError.self) { try Manifest.read("/nowhere/train.manifest") }
  }

  @Test func `a written line reads back as the same page`() throws {
    let page = PageAnnotation(
      source: "images/ü \"1\".jpg",
      words: [
        WordAnnotation(text: "naïve\u{301}", polygon: Self.corners, line: 2, kind: "P"),
        WordAnnotation(text: "%SC%", polygon: Self.corners.reversed() + [Point(x: -1.25, y: 3)]),
      ], collection: "breta")
    let line = Manifest.line(for: page)
    #expect(!line.contains("\n"))
    #expect(line.contains(#"{"x":9.5,"y":0}"#))
    #expect(try read(line).pages == [page])
  }

  @Test func `a split keeps each image on one side whatever the order of the pages`() {
    let pages = (0..<60).map { PageAnnotation(source: "images/\($0 % 40).jpg", words: []) }
    let parts = Manifest.split(pages, testShare: 0.25, seed: 7)
    let test = Set(parts.test.map(\.source))
    #expect(test.count == 10)
    #expect(test.isDisjoint(with: parts.train.map(\.source)))
    #expect(parts.train.count + parts.test.count == pages.count)
    #expect(Set(Manifest.split(pages.reversed(), testShare: 0.25, seed: 7).test.map(\.source)) == test)
    #expect(Set(Manifest.split(pages, testShare: 0.25, seed: 8).test.map(\.source)) != test)
  }

  @Test(arguments: [(0.0, 0), (0.01, 1), (0.99, 2), (1.0, 3)])
  func `a small share still gives both sides an image`(share: Double, expected: Int) {
    let pages = (0..<3).map { PageAnnotation(source: "\($0)", words: []) }
    #expect(Manifest.split(pages, testShare: share, seed: 1).test.count == expected)
  }

  private func read(
    _ text: String, onFault policy: Manifest.FaultPolicy = .stop, limits: ManifestLimits = ManifestLimits()
  ) throws -> Manifest {
    let path = "/tmp/htr-\(Identifier.random(bytes: 6)).manifest"
    try Files.write(text, to: path, durable: false)
    // A file that stays behind harms nobody.
    defer { try? Files.remove(path) }
    return try Manifest.read(path, onFault: policy, limits: limits)
  }
}
