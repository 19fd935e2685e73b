import Testing

/// STS and IAM with boto3 and the aws command, and addresses that they presign.
extension PythonClientTests {
  private static let identityScenarios = ["owner", "roles", "sessions", "refusals", "presigned", "command"]

  @Test(.timeLimit(.minutes(1)), arguments: identityScenarios)
  func `callers learn who they are, get keys for some time and presign addresses`(_ scenario: String) async throws {
    try await run("identity_scenarios.py", scenario)
  }
}
