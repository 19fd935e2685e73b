import Serving
import WorkerContract

/// What the supervisor knows of the workers, for the page of figures.
enum WorkerGauges {
  static func gauges(_ workers: [(report: WorkerReport, usage: ShimNotice.Usage?)]) -> [Gauge] {
    func samples(
      _ value: ((report: WorkerReport, usage: ShimNotice.Usage?)) -> Double?
    ) -> [(labels: [(name: String, value: String)], value: Double)] {
      workers.compactMap { worker in
        guard let value = value(worker) else { return nil }
        let place = worker.report.place
        return (
          [("endpoint", place.endpoint), ("variant", place.variant), ("instance", place.instance)], value
        )
      }
    }
    return [
      Gauge(
        name: "htr_worker_ready", help: "1 when the worker is healthy and gets requests.",
        samples: samples { $0.report.ready == nil ? 0 : 1 }),
      Gauge(
        name: "htr_worker_restarts_total", help: "Workers that ended in this place and were followed by another.",
        isCounter: true, samples: samples { Double($0.report.restarts) }),
      Gauge(
        name: "htr_worker_memory_bytes", help: "Memory of the worker's processes at the last look.",
        samples: samples { $0.usage.map { Double($0.memoryBytes) } }),
      Gauge(
        name: "htr_worker_cpu_percent", help: "CPU of the worker's processes at the last look; 100 is one core.",
        samples: samples { $0.usage.map(\.cpuPercent) }),
    ]
  }
}
