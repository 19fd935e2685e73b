import ArgumentParser
import Client
import HostKit
import JSONKit

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Show a training job's metrics: final values and plots.",
    discussion: """
      EXAMPLES:
        htrctl metrics train-2026-07-01-12-00-00-000
        htrctl metrics train-2026-07-01-12-00-00-000 --plot --metric loss
        htrctl metrics train-2026-07-01-12-00-00-000 --svg loss.svg --png loss.png
      """)

  @Argument(help: "The job's name.") var job: String
  @Option(
    parsing: .singleValue, help: ArgumentHelp("Only this metric (repeat).", valueName: "name"))
  var metric: [String] = []
  @Flag(help: "Draw the metrics in the terminal.") var plot = false
  @Option(help: ArgumentHelp("Write a plot as SVG.", valueName: "file")) var svg: String?
  @Option(help: ArgumentHelp("Write a plot as PNG.", valueName: "file")) var png: String?
  @OptionGroup var common: CommonOptions

  func run() throws {
    let series = try chosen(from: try common.client.metrics(of: job))
    let drawn = metric.isEmpty ? series.filter { !$0.name.hasPrefix("htr:") } : series
    let chart = Chart(title: job, series: drawn)
    try write(svg, "--svg", chart) { Array(SVGDrawing.text(of: $0).utf8) }
    try write(png, "--png", chart) { chart in try explained("--png") { try PNGDrawing.bytes(of: chart) } }
    if common.isJSON { return printJSON(MetricSummary.json(series)) }
    let terminal = Terminal.current
    if plot {
      for panel in chart.panels {
        for line in BrailleDrawing.lines(of: panel, width: min(terminal.width ?? 80, 100)) {
          terminal.print(line)
        }
        terminal.print("")
      }
    }
    if series.isEmpty {
      terminal.note("\(job) has no metrics yet: give --metric NAME=REGEX to fit.")
    } else {
      MetricSummary.table(series).show(on: terminal)
    }
  }

  private func chosen(from all: [MetricSeries]) throws -> [MetricSeries] {
    if metric.isEmpty { return all }
    return try metric.map { name in
      guard let series = all.first(where: { $0.name == name }) else {
        throw Failure(
          "metric \(name)", "\(job) has none of this name",
          advice: "It has: \(all.map(\.name).joined(separator: ", ")).")
      }
      return series
    }
  }

  private func write(_ path: String?, _ option: String, _ chart: Chart, _ draw: (Chart) throws -> [UInt8]) throws {
    guard let path else { return }
    guard !chart.panels.isEmpty else {
      throw Failure("\(option) \(path)", "there is no metric to draw", advice: "Name one with --metric.")
    }
    try Files.write(draw(chart), to: path, durable: false)
  }
}

enum MetricSummary {
  static func table(_ series: [MetricSeries]) -> Table {
    var table = Table(columns: [
      .init(title: "METRIC", mayShrink: true), .init(title: "FINAL", isNumeric: true),
      .init(title: "MIN", isNumeric: true), .init(title: "MAX", isNumeric: true),
      .init(title: "POINTS", isNumeric: true),
    ])
    table.rows = series.map { series in
      let values = series.points.map(\.value)
      return [
        series.name, text(values.last), text(values.min()), text(values.max()), String(values.count),
      ]
    }
    return table
  }

  static func json(_ series: [MetricSeries]) -> JSON {
    let rows = series.map { series in
      let values = series.points.map(\.value)
      return JSON.members([
        "MetricName": .string(series.name), "Final": values.last.map { .number($0) },
        "Min": values.min().map { .number($0) }, "Max": values.max().map { .number($0) },
        "Points": .array(series.points.map { .array([.number($0.time), .number($0.value)]) }),
      ])
    }
    return ["Metrics": .array(rows)]
  }

  private static func text(_ value: Double?) -> String { value.map(AmountText.number) ?? "" }
}
