import Testing

/// S3 with boto3 and the aws command.
@Suite(.serialized) struct StorageClientTests {
  private static let storageScenarios = [
    "buckets", "objects", "ranges", "listings", "parts", "copies", "bodies", "presigned", "race", "command",
  ]

  @Test(.timeLimit(.minutes(2)), arguments: storageScenarios)
  func `boto3 and the aws command keep objects as in S3`(_ scenario: String) async throws {
    try await PythonClientTests().run("storage_scenarios.py", scenario)
  }
}
