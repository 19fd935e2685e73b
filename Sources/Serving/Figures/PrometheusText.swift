/// One number that somebody else counts, for the same page of figures.
public struct Gauge: Sendable, Equatable {
  public var name: String
  public var help: String
  /// A counter only grows.
  public var isCounter: Bool
  public var samples: [(labels: [(name: String, value: String)], value: Double)]

  public init(
    name: String, help: String, isCounter: Bool = false,
    samples: [(labels: [(name: String, value: String)], value: Double)]
  ) {
    self.name = name
    self.help = help
    self.isCounter = isCounter
    self.samples = samples
  }

  public static func == (left: Gauge, right: Gauge) -> Bool {
    PrometheusText.render([], [left]) == PrometheusText.render([], [right])
  }
}

/// Figures in Prometheus' text form, version 0.0.4.
public enum PrometheusText {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public static func render(_ figures: [VariantFigures], _ gauges: [Gauge] = []) -> String {
    var page = Page()
    for counter in counters {
      page.family(counter.name, counter.help, isCounter: counter.isCounter)
      for figure in figures { page.sample(counter.name, labels(figure), Double(counter.value(figure))) }
    }
    page.family("htr_invocation_errors_total", "Requests that ended in an error, by kind.", isCounter: true)
    for figure in figures {
      for kind in VariantFigures.ErrorKind.allCases {
        page.sample(
          "htr_invocation_errors_total", labels(figure) + [("kind", kind.rawValue)], Double(figure.errors[kind] ?? 0))
      }
    }
    for histogram in histograms { page.histogram(histogram, figures) }
    for gauge in gauges {
      page.family(gauge.name, gauge.help, isCounter: gauge.isCounter)
      for sample in gauge.samples { page.sample(gauge.name, sample.labels, sample.value) }
    }
    return page.text
  }

  fileprivate struct Counter {
    let name: String
    let help: String
    var isCounter = true
    let value: (VariantFigures) -> Int
  }

  fileprivate struct Distribution {
    let name: String
    let help: String
    let value: (VariantFigures) -> Histogram
  }

  private static var counters: [Counter] {
    [
      Counter(name: "htr_invocations_total", help: "Requests that have ended.") { $0.requests },
      Counter(name: "htr_invocation_retries_total", help: "Requests sent again because a worker broke off.") {
        $0.retries
      },
      Counter(name: "htr_invocations_in_flight", help: "Requests at the workers now.", isCounter: false) {
        $0.inFlight
      },
      Counter(name: "htr_invocations_in_line", help: "Requests that wait for a worker now.", isCounter: false) {
        $0.inLine
      },
      Counter(name: "htr_invocation_request_bytes_total", help: "Bytes of request bodies.") { $0.bytesIn },
      Counter(name: "htr_invocation_response_bytes_total", help: "Bytes of answers' bodies.") { $0.bytesOut },
    ]
  }

  private static var histograms: [Distribution] {
    [
      Distribution(name: "htr_invocation_seconds", help: "From a request's first byte to its answer's last.") {
        $0.total
      },
      Distribution(
        name: "htr_invocation_queue_seconds", help: "From the whole request until a worker took it."
      ) { $0.queue },
      Distribution(
        name: "htr_invocation_compute_seconds", help: "From a worker's taking a request to the beginning of its answer."
      ) { $0.compute },
    ]
  }

  fileprivate static func labels(_ figure: VariantFigures) -> [(name: String, value: String)] {
    [("endpoint", figure.endpoint), ("variant", figure.variant)]
  }

  private struct Page {
    var text = ""

    mutating func family(_ name: String, _ help: String, isCounter: Bool) {
      text += "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(isCounter ? "counter" : "gauge")\n"
    }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
      let list = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
      text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(number(value))\n"
    }

    mutating func histogram(_ family: Distribution, _ figures: [VariantFigures]) {
      text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) histogram\n"
      for figure in figures {
        let values = family.value(figure)
        var below = 0
        for (index, count) in values.counts.enumerated() {
          below += count
          let bound = index < Histogram.bounds.count ? number(Histogram.bounds[index]) : "+Inf"
          sample("\(family.name)_bucket", labels(figure) + [("le", bound)], Double(below))
        }
        sample("\(family.name)_sum", labels(figure), values.sum)
        sample("\(family.name)_count", labels(figure), Double(below))
      }
    }

    private func number(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    private func escaped(_ text: String, quotes: Bool) -> String {
      var output = ""
      for character in text.unicodeScalars {
        switch character {
        case "\\": output += "\\\\"
        case "\n": output += "\\n"
        case "\"" where quotes: output += "\\\""
        default: output.unicodeScalars.append(character)
        }
      }
      return output
    }
  }
}
