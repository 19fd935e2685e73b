import Handwriting
import ImageKit
import Testing

@testable import Pages

@Suite struct PageImportTests {
  private static let pageNamespace = "http://schema.primaresearch.org/PAGE/gts/pagecontent"

  private func parse(_ text: String, limits: PageLimits = PageLimits()) throws -> PageAnnotation {
    try PageImport.parse(Array(text.utf8), file: "in.xml", limits: limits)
  }

  private static func alto(_ content: String, version: Int = 4, unit: String = "pixel") -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <alto xmlns="http://www.loc.gov/standards/alto/ns-v\(version)#"><Description>
    <MeasurementUnit>\(unit)</MeasurementUnit>
    <sourceImageInformation><fileName> scan.jpg </fileName></sourceImageInformation></Description>
    <Layout><Page ID="p" PHYSICAL_IMG_NR="1"><PrintSpace><TextBlock ID="b">\(content)</TextBlock></PrintSpace></Page></Layout>
    </alto>
    """
  }

  private static func page(_ content: String, date: String = "2019-07-15") -> String {
    """
    <PcGts xmlns="\(pageNamespace)/\(date)"><Metadata><Creator>c</Creator></Metadata>
    <Page imageFilename="scan.png" imageWidth="100" imageHeight="100">\(content)</Page></PcGts>
    """
  }

  private static func word(_ text: String, _ attributes: String = "") -> String {
    "<Word id=\"w\" \(attributes)><Coords points=\"1,1 9,1 9,9\"/><TextEquiv><Unicode>\(text)</Unicode></TextEquiv></Word>"
  }

  @Test(arguments: [PageFormat.alto, .pageXML])
  func `what is written comes back`(_ format: PageFormat) throws {
    let page = WrittenPages.letter
    let annotation = try parse(WrittenPages.text(page, as: format))
    #expect(annotation.source == "scan 1 & <2>.png")
    #expect(annotation.words.map(\.text) == page.words.map { $0.text ?? "" })
    #expect(annotation.words.map(\.line) == page.words.map(\.line))
    // PAGE has whole pixels.
    let places = format == .alto ? 2 : 0
    for (word, original) in zip(annotation.words, page.words) {
      #expect(
        word.polygon
          == original.polygon.map { Point(x: $0.x.rounded(toPlaces: places), y: $0.y.rounded(toPlaces: places)) })
    }
  }

  @Test(arguments: [2, 3, 4]) func `ALTO of each version is read`(_ version: Int) throws {
    let text = Self.alto(
      #"<TextLine><String CONTENT="a" HPOS="1" VPOS="2.5" WIDTH="3" HEIGHT="4"/></TextLine>"#, version: version)
    #expect(
      try parse(text)
        == PageAnnotation(
          source: "scan.jpg", words: [WordAnnotation(text: "a", polygon: WrittenPages.box(1, 2.5, 3, 4), line: 0)]))
  }

  @Test func `ALTO without a namespace is read, and polygons win over boxes`() throws {
    let text = Self.alto(
      #"<TextLine/><TextLine><String CONTENT="a" HPOS="1" VPOS="2" WIDTH="3" HEIGHT="4"><Shape><Polygon POINTS="1 2 3 4 5,6"/></Shape>"#
        + #"<Glyph CONTENT="a"><Shape><Polygon POINTS="9,9 8,8 7,7"/></Shape></Glyph></String></TextLine>"#
    ).replacing(#" xmlns="http://www.loc.gov/standards/alto/ns-v4#""#, with: "")
    let corners = [Point(x: 1, y: 2), Point(x: 3, y: 4), Point(x: 5, y: 6)]
    #expect(try parse(text).words == [WordAnnotation(text: "a", polygon: corners, line: 1)])
  }

  @Test func `ALTO's hyphen belongs to the word before it`() throws {
    let text = Self.alto(
      #"<TextLine><String CONTENT="exam" HPOS="1" VPOS="2" WIDTH="30" HEIGHT="10"/>"#
        + #"<HYP CONTENT="&#xAD;" HPOS="31" VPOS="5" WIDTH="6" HEIGHT="2"/></TextLine>"#)
    #expect(
      try parse(text).words == [WordAnnotation(text: "exam-", polygon: WrittenPages.box(1, 2, 36, 10), line: 0)])
  }

  @Test(arguments: ["2013-07-15", "2016-07-15", "2017-07-15", "2018-07-15", "2019-07-15"])
  func `PAGE of each year is read`(_ date: String) throws {
    let text = Self.page(
      "<TextRegion id=\"r\"><TextLine id=\"l\">\(Self.word("so &amp; so"))</TextLine></TextRegion>", date: date)
    let annotation = try parse(text)
    #expect(annotation.source == "scan.png")
    #expect(annotation.words.map(\.text) == ["so & so"])
  }

  @Test func `a PAGE line without words is one item, and one with words is not`() throws {
    let line = { (words: String) in
      "<TextLine id=\"l\"><Coords points=\"0,0 50,0 50,9\"/>\(words)<TextEquiv><Unicode>a whole line</Unicode></TextEquiv></TextLine>"
    }
    let text = Self.page("<TextRegion id=\"r\">\(line(""))\(line(Self.word("word")))</TextRegion>")
    #expect(try parse(text).words.map(\.text) == ["a whole line", "word"])
    #expect(try parse(text).words.map(\.line) == [0, 1])
  }

  @Test func `PAGE's reading order counts, not the order of the file`() throws {
    func region(_ name: String, _ inner: String = "") -> String {
      "<TextRegion id=\"\(name)\">\(inner)<TextLine id=\"l\">\(Self.word(name))</TextLine></TextRegion>"
    }
    let order =
      #"<ReadingOrder><OrderedGroup id="o"><RegionRefIndexed index="1" regionRef="x"/>"#
      + #"<OrderedGroupIndexed id="p" index="0"><RegionRefIndexed index="9" regionRef="y"/>"#
      + #"<RegionRefIndexed index="2" regionRef="z"/></OrderedGroupIndexed></OrderedGroup></ReadingOrder>"#
    let annotation = try parse(
      Self.page(order + region("last") + region("x", region("inner")) + region("y") + region("z")))
    #expect(annotation.words.map(\.text) == ["z", "y", "inner", "x", "last"])
    #expect(annotation.words.map(\.line) == [0, 1, 2, 3, 4])
  }

  @Test func `PAGE tells printed from handwritten, for a word or for all of a region`() throws {
    let text = Self.page(
      "<TextRegion id=\"r\" production=\"printed\"><TextLine id=\"l\">\(Self.word("p"))"
        + "\(Self.word("h", "production=\"handwritten-cursive\""))</TextLine></TextRegion>"
        + "<TextRegion id=\"s\"><TextLine id=\"m\">\(Self.word("n"))</TextLine></TextRegion>")
    #expect(try parse(text).words.map(\.kind) == ["P", "H", nil])
  }

  @Test func `of several texts that of the lowest index counts`() throws {
    let word =
      "<Word id=\"w\"><Coords points=\"1,1 9,1 9,9\"/><Glyph id=\"g\"><Coords points=\"1,1 2,2 1,2\"/>"
      + "<TextEquiv><Unicode>G</Unicode></TextEquiv></Glyph><TextEquiv index=\"1\"><Unicode>b</Unicode></TextEquiv>"
      + "<TextEquiv index=\"0\"><Unicode>a</Unicode></TextEquiv></Word>"
    let text = Self.page("<TextRegion id=\"r\"><TextLine id=\"l\">\(word)</TextLine></TextRegion>")
    let words = try parse(text).words
    #expect(words.map(\.text) == ["a"])
    #expect(words.map(\.polygon.count) == [3])
  }

  @Test(arguments: [
    ("", "no well-formed XML"),
    ("<alto", "no well-formed XML"),
    ("<html/>", "in.xml:1: <html> is neither ALTO nor PAGE"),
    ("<alto xmlns=\"http://www.loc.gov/standards/alto/ns-v9#\"/>", "versions 2, 3 and 4 are read"),
    ("<PcGts xmlns=\"\(pageNamespace)/2010-03-19\"/>", "those of 2013 to 2019 are read"),
    (alto("", unit: "mm10"), "in.xml:3: measured in \"mm10\""),
    (alto("\n<String CONTENT=\"a\"/>"), "in.xml:6: the String \"a\" has neither a box nor a polygon"),
    (alto("<String CONTENT=\"a\" HPOS=\"1\" VPOS=\"x\" WIDTH=\"1\" HEIGHT=\"1\"/>"), "\"x\" is no number of pixels"),
    (alto("<String CONTENT=\"a\" HPOS=\"1\" VPOS=\"nan\" WIDTH=\"1\" HEIGHT=\"1\"/>"), "\"nan\" is no number"),
    (page("<TextRegion id=\"r\"><TextLine id=\"l\"><Word id=\"w\"/></TextLine></TextRegion>"), "a Word has no <Coords"),
    (
      page(
        "<TextRegion id=\"r\"><TextLine id=\"l\"><Word id=\"w\"><Coords points=\"1,2 3\"/></Word></TextLine></TextRegion>"
      ),
      "a polygon of 3 numbers"
    ),
    ("<!DOCTYPE alto [<!ENTITY a \"b\">]><alto>&a;</alto>", "document types and entities are not read"),
    ("<!DOCTYPE alto SYSTEM \"file:///etc/passwd\"><alto/>", "document types and entities are not read"),
    (alto(String(repeating: "<b>", count: 80) + String(repeating: "</b>", count: 80)), "nested deeper than 64"),
    (
      alto(
        "<String CONTENT=\"\(String(repeating: "m", count: 201))\" HPOS=\"1\" VPOS=\"1\" WIDTH=\"1\" HEIGHT=\"1\"/>"),
      "a text of 201 characters; a manifest holds 200"
    ),
  ])
  func `what cannot be read is told with file, line and reason`(_ text: String, _ reason: String) throws {
    let error = try #require(throws: PageFormatError.self) { try parse(text) }
    #expect(error.description.hasPrefix("in.xml:"))
    #expect(error.description.contains(reason))
  }

  @Test func `more words, points and bytes than the limits are refused`() throws {
    let string = #"<String CONTENT="a" HPOS="1" VPOS="1" WIDTH="1" HEIGHT="1"/>"#
    var limits = PageLimits()
    limits.words = 3
    let words = #expect(throws: PageFormatError.self) {
      try parse(Self.alto(String(repeating: string, count: 4)), limits: limits)
    }
    #expect(words?.code == .tooLarge)
    limits = PageLimits()
    limits.pointsPerPolygon = 4
    let points = #expect(throws: PageFormatError.self) {
      try parse(
        Self.alto("<String CONTENT=\"a\"><Shape><Polygon POINTS=\"1,1 2,2 3,3 4,4 5,5\"/></Shape></String>"),
        limits: limits)
    }
    #expect(points?.code == .tooLarge)
    limits = PageLimits()
    limits.bytes = 100
    let folder = try FormatFolder()
    let path = try folder.write("a.xml", Array(Self.alto("").utf8))
    let bytes = #expect(throws: PageFormatError.self) { try PageImport.read(path, limits: limits) }
    #expect(bytes?.code == .tooLarge)
  }

  @Test func `a damaged file is refused wherever it ends, and never read for something else`() throws {
    let whole = try Array(WrittenPages.text(WrittenPages.letter, as: .pageXML).utf8)
    for length in stride(from: 0, to: whole.count - 2, by: 7) {
      #expect(throws: PageFormatError.self) {
        try PageImport.parse(Array(whole.prefix(length)), file: "cut.xml")
      }
    }
  }
}
