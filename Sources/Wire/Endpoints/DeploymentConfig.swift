import JSONKit

extension ShapeReader {
  /// DeploymentConfig: how traffic moves to new workers. There is one way, blue/green with all traffic at once, so that
  /// nothing of it needs to be kept. Its waits give alarms time to go off; without alarms nothing happens in them, and
  /// former workers end when they have answered what they have in hand.
  mutating func checkDeploymentConfig(_ json: JSON) {
    let path = "deploymentConfig"
    let config = structure(json, "DeploymentConfig", at: path)
    refuse(config, Refused.deployment, at: "DeploymentConfig.")
    let rollback = structure(config, "AutoRollbackConfiguration", at: "\(path).autoRollbackConfiguration")
    refuse(rollback, Refused.rollback, at: "DeploymentConfig.AutoRollbackConfiguration.")
    if let policy = structure(config, "BlueGreenUpdatePolicy", at: "\(path).blueGreenUpdatePolicy") {
      checkBlueGreen(policy, at: "\(path).blueGreenUpdatePolicy")
    }
  }

  private mutating func checkBlueGreen(_ policy: JSON, at path: String) {
    _ = integer(policy, "TerminationWaitInSeconds", at: "\(path).terminationWaitInSeconds", in: 0...3600)
    _ = integer(
      policy, "MaximumExecutionTimeoutInSeconds", at: "\(path).maximumExecutionTimeoutInSeconds", in: 600...28_800)
    let path = "\(path).trafficRoutingConfiguration"
    let place = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration."
    guard let routing = structure(policy, "TrafficRoutingConfiguration", at: path, required: true) else { return }
    refuse(routing, Refused.trafficRouting, at: place)
    _ = integer(
      routing, "WaitIntervalInSeconds", at: "\(path).waitIntervalInSeconds", in: 0...3600, required: true)
    let type = choice(routing, "Type", at: "\(path).type", of: ["ALL_AT_ONCE", "CANARY", "LINEAR"], required: true)
    if let type, type != "ALL_AT_ONCE" {
      fault("\(place)Type \(type) is not supported by htr: \(Refused.allAtOnce)")
    }
  }
}
