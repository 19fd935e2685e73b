internal import GRDB
import HostKit
public import Resources

/// Asynchronous invocations that were accepted and have not ended.
extension Store {
  /// Keeps an invocation; on the disk when this returns. False when the endpoint is gone, or has `most` of them already.
  public func insert(_ invocation: AsyncInvocation, most: Int) async throws(StoreError) -> Bool {
    try await write { db in
      try db.cachedStatement(
        sql: """
          INSERT INTO async_invocations
            (id, endpoint_id, endpoint, inference_id, input, output, failure, content_type, accept, custom_attributes,
             expires_at, timeout_seconds)
          SELECT :id, endpoints.id, :endpoint, :inference, :input, :output, :failure, :contentType, :accept,
            :attributes, :expires, :timeout
          FROM endpoints WHERE endpoints.id = :endpointID
            AND (SELECT count(*) FROM async_invocations WHERE endpoint_id = :endpointID) < :most
          """
      ).execute(arguments: [
        "id": invocation.id, "endpointID": invocation.endpointID, "endpoint": invocation.endpoint,
        "inference": invocation.inferenceID, "input": invocation.input, "output": invocation.output,
        "failure": invocation.failure, "contentType": invocation.contentType, "accept": invocation.accept,
        "attributes": invocation.customAttributes, "expires": invocation.expiresAt.milliseconds,
        "timeout": invocation.timeoutSeconds, "most": most,
      ])
      return db.changesCount == 1
    }
  }

  /// The oldest of an endpoint.
  public func asyncInvocations(ofEndpoint id: Int64, limit: Int) async throws(StoreError) -> [AsyncInvocation] {
    try await read { db in
      try Row.fetchAll(
        db.cachedStatement(sql: "SELECT * FROM async_invocations WHERE endpoint_id = ? ORDER BY id LIMIT ?"),
        arguments: [id, limit]
      ).map { row in
        AsyncInvocation(
          id: row["id"], endpointID: row["endpoint_id"], endpoint: row["endpoint"], inferenceID: row["inference_id"],
          input: row["input"], output: row["output"], failure: row["failure"], contentType: row["content_type"],
          accept: row["accept"], customAttributes: row["custom_attributes"],
          expiresAt: Timestamp(milliseconds: row["expires_at"]), timeoutSeconds: row["timeout_seconds"])
      }
    }
  }

  /// It has ended; durable when this returns.
  public func deleteAsyncInvocation(_ id: Int64) async throws(StoreError) {
    try await write { db in
      try db.cachedStatement(sql: "DELETE FROM async_invocations WHERE id = ?").execute(arguments: [id])
    }
  }

  /// The names of endpoints that have any.
  public func endpointsWithAsyncInvocations() async throws(StoreError) -> [String] {
    try await read { db in
      try String.fetchAll(db, sql: "SELECT DISTINCT endpoint FROM async_invocations ORDER BY endpoint")
    }
  }
}
