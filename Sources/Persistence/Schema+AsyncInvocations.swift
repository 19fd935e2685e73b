/// The table of asynchronous invocations.
extension Schema {
  /// What was accepted and has not ended; they go with their endpoint.
  static let asyncInvocations = """
    CREATE TABLE async_invocations (
      id INTEGER PRIMARY KEY,
      endpoint_id INTEGER NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
      endpoint TEXT NOT NULL,
      inference_id TEXT NOT NULL,
      input TEXT NOT NULL,
      output TEXT NOT NULL,
      failure TEXT NOT NULL,
      content_type TEXT,
      accept TEXT,
      custom_attributes TEXT,
      expires_at INTEGER NOT NULL,
      timeout_seconds REAL NOT NULL
    ) STRICT;
    CREATE INDEX async_invocations_by_endpoint ON async_invocations (endpoint_id, id);
    """
}
