import Testing

/// CloudWatch Logs and CloudWatch with boto3.
extension PythonClientTests {
  @Test(.timeLimit(.minutes(1)), arguments: ["reading", "searching", "writing", "measuring", "measuring_by_query"])
  func `boto3 finds logs and metrics as in CloudWatch`(_ scenario: String) async throws {
    try await run("logs_scenarios.py", scenario)
  }
}
