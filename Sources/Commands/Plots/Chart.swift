import Client

/// What a plot shows, whatever draws it: one panel for each metric, one above the other, over the same time.
struct Chart {
  let title: String
  let panels: [Panel]

  init(title: String, series: [MetricSeries]) {
    self.title = title
    let drawable = series.map {
      MetricSeries(name: $0.name, points: $0.points.filter(Self.hasPlace))
    }
    let start = drawable.compactMap { $0.points.first?.time }.min() ?? 0
    let end = drawable.compactMap { $0.points.last?.time }.max() ?? start
    panels = drawable.filter { !$0.points.isEmpty }.map { Panel($0, start: start, end: end) }
  }

  /// NaN and infinities have no place (a metric may well become NaN), nor has what would overflow on the way there.
  private static func hasPlace(_ point: MetricSeries.Point) -> Bool {
    abs(point.value) < 1e300 && abs(point.time) < 1e15
  }
}

/// One metric as a line in the unit square.
struct Panel {
  struct Place: Equatable {
    /// 0 at the left or the bottom, 1 at the right or the top.
    let x, y: Double
  }

  let name: String
  let places: [Place]
  /// The values at the bottom and at the top.
  let lowest, highest: Double
  /// Seconds from left to right.
  let seconds: Double

  init(_ series: MetricSeries, start: Double, end: Double) {
    name = series.name
    let values = series.points.map(\.value)
    let least = values.min() ?? 0
    let most = values.max() ?? 0
    // A constant runs through the middle of its panel.
    let margin = most > least ? 0 : max(abs(least) * 0.1, 0.5)
    let bottom = least - margin
    let top = most + margin
    seconds = end - start
    let span = seconds
    places = series.points.map {
      Place(x: span > 0 ? ($0.time - start) / span : 0.5, y: ($0.value - bottom) / (top - bottom))
    }
    lowest = bottom
    highest = top
  }

  var axis: [String] {
    [highest, (highest + lowest) / 2, lowest].map(AmountText.number)
  }

  var timeText: String { AmountText.duration(seconds: seconds) }
}
