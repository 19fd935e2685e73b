import HostKit
import Testing
@Suite struct EndpointCrashTests {
  static let points: [Failpoint] = [.afterEndpointCommitted, .afterWorkerLaunched]
}
