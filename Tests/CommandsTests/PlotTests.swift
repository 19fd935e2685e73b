import Client
import Testing

@testable import Commands

struct PlotTests {
  let chart = Chart(
    title: "job <1>",
    series: [
      MetricSeries(
        name: "loss",
        points: (0...20).map { .init(time: 100 + Double($0), value: 1 / Double($0 + 1)) }),
      MetricSeries(name: "a&b", points: [.init(time: 110, value: 2)]),
      MetricSeries(name: "empty", points: []),
    ])

  @Test func `a panel in the terminal`() {
    #expect(
      BrailleDrawing.lines(of: chart.panels[0], width: 40, height: 5)
        == Self.golden.split(separator: "\n").map(String.init))
  }

  static let golden = """
              loss
           1 ┤⢣
             │⠈⡆
     0.52381 ┤ ⠱⡀
             │  ⠈⠢⢄⡀
    0.047619 ┤     ⠈⠉⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
             └──────────────────────────────
              0                         20 s
    """

  @Test func `metrics without points have no panel`() {
    #expect(chart.panels.map(\.name) == ["loss", "a&b"])
  }

  @Test func `a constant runs through the middle`() {
    let panel = chart.panels[1]
    #expect(panel.places == [.init(x: 0.5, y: 0.5)])
    #expect(panel.axis == ["2.5", "2", "1.5"])
  }

  @Test func `values that are no numbers are left out`() {
    let series = MetricSeries(
      name: "x",
      points: [
        .init(time: 0, value: .nan), .init(time: 1, value: .infinity), .init(time: 2, value: 1),
        .init(time: 3, value: -1.7e308), .init(time: 1e300, value: 1),
      ])
    #expect(Chart(title: "t", series: [series]).panels[0].places.count == 1)
  }

  @Test func `an SVG is escaped and has a line for each panel`() {
    let text = SVGDrawing.text(of: chart)
    #expect(text.contains(">job &lt;1&gt;</text>") && text.contains(">a&amp;b</text>"))
    #expect(text.contains("<polyline points=\"90.0,54.0 ") && text.contains("<circle "))
    #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n"))
  }

  @Test func `a PNG has a signature, whole chunks and the picture's bytes`() throws {
    let bytes = PNGDrawing.bytes(of: chart)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    var position = 8
    var names: [String] = []
    var content: [UInt8] = []
    func number(at start: Int) -> UInt32 { bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    while position < bytes.count {
      let count = Int(number(at: position))
      let name = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      #expect(number(at: position + 8 + count) == PNGEncoder.crc32(Array(bytes[position + 4..<position + 8 + count])))
      if name == "IDAT" { content += bytes[position + 8..<position + 8 + count] }
      names.append(name)
      position += count + 12
    }
    #expect(names == ["IHDR", "IDAT", "IEND"] && position == bytes.count)
    #expect(number(at: 16) == 800 && number(at: 20) == 510)
    #expect(inflatedStored(content).count == 801 * 510)
  }

  @Test func `the checksum is the usual one`() {
    #expect(PNGEncoder.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
  }

  /// Takes a zlib stream of stored blocks apart.
  private func inflatedStored(_ stream: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var position = 2
    while position + 5 <= stream.count - 4 {
      let count = Int(stream[position + 1]) | Int(stream[position + 2]) << 8
      #expect(stream[position + 1] == ~stream[position + 3] && stream[position + 2] == ~stream[position + 4])
      result += stream[position + 5..<position + 5 + count]
      position += 5 + count
    }
    return result
  }

  @Test func `letters and lines leave ink`() {
    var canvas = PixelCanvas(width: 20, height: 12)
    canvas.text("I", x: 0, y: 0, shade: 0)
    #expect((0..<7).allSatisfy { canvas.pixels[$0 * 20 + 2] == 0 })
    canvas.line(from: (10, 2), to: (10, 9))
    #expect(canvas.pixels[5 * 20 + 10] < 60 && canvas.pixels[5 * 20 + 13] == 255)
  }
}
