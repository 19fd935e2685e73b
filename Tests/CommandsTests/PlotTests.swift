import Client
import ImageKit
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

  @Test func `a PNG shows the panels below each other`() throws {
    let picture = try ImageDecoder.grey(PNGDrawing.bytes(of: chart)).image
    #expect(picture.width == 800 && picture.height == 510)
    let frames = (0..<2).map { PlotLayout.frame(of: $0) }
    #expect(frames.allSatisfy { picture[$0.right - 1, $0.top] == 215 && picture[$0.left + 1, $0.bottom] == 215 })
    #expect(picture.pixels.count { $0 < 100 } > 500)
  }
}
