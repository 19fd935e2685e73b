internal import GRDB
public import Resources

/// What a transform job reads, and how far it is.
extension Store {
  /// What has become of an input.
  public enum TransformOutcome: Sendable, Equatable {
    case done
    case failed(reason: String)
  }

  /// Adds a piece of a job's list. `nameTaken` when two inputs of the job would have the same output.
  public func addInputs(_ inputs: [TransformInput], toTransformJob id: Int64) async throws(StoreError) {
    try await write { db in
      let statement = try db.cachedStatement(
        sql: "INSERT INTO transform_inputs (job_id, number, bucket, key, output, size) VALUES (?, ?, ?, ?, ?, ?)")
      for input in inputs {
        do {
          try statement.execute(arguments: [id, input.number, input.bucket, input.key, input.output, input.size])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
          throw StoreError(
            .nameTaken, "\(input.bucket)/\(input.key) and another input have the same output \(input.output)")
        }
      }
    }
  }

  /// Forgets a list that was not complete when the daemon ended.
  public func deleteInputs(ofTransformJob id: Int64) async throws(StoreError) {
    try await write { db in try Self.deleteInputs(ofTransformJob: id, in: db) }
  }

  /// The next inputs behind one of that number that nothing has become of yet.
  public func pendingInputs(
    ofTransformJob id: Int64, after number: Int, limit: Int
  ) async throws(StoreError) -> [TransformInput] {
    try await read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT number, bucket, key, output, size FROM transform_inputs
            WHERE job_id = ? AND number > ? AND outcome IS NULL ORDER BY number LIMIT ?
            """), arguments: [id, number, limit]
      ).map {
        TransformInput(
          number: $0["number"], bucket: $0["bucket"], key: $0["key"], output: $0["output"], size: $0["size"])
      }
    }
  }

  /// Ticks an input off; on the disk when this returns.
  public func tickOff(
    _ number: Int, ofTransformJob id: Int64, as outcome: TransformOutcome
  ) async throws(StoreError) {
    let (word, reason): (String, String?) =
      switch outcome {
      case .done: ("done", nil)
      case .failed(let reason): ("failed", reason)
      }
    try await write { db in
      try db.cachedStatement(sql: "UPDATE transform_inputs SET outcome = ?, detail = ? WHERE job_id = ? AND number = ?")
        .execute(arguments: [word, reason, id, number])
    }
  }

  /// How many inputs there are and what has become of them.
  public func progress(ofTransformJob id: Int64) async throws(StoreError) -> TransformJob.Progress {
    try await read { db in
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT count(*) AS total, count(*) FILTER (WHERE outcome = 'done') AS done,
              count(*) FILTER (WHERE outcome = 'failed') AS failed FROM transform_inputs WHERE job_id = ?
            """), arguments: [id])
      guard let row else { return TransformJob.Progress() }
      return TransformJob.Progress(total: row["total"], done: row["done"], failed: row["failed"])
    }
  }

  /// The first input, in the list's order, that failed.
  public func firstFailure(
    ofTransformJob id: Int64
  ) async throws(StoreError) -> (bucket: String, key: String, reason: String)? {
    try await read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT bucket, key, detail FROM transform_inputs WHERE job_id = ? AND outcome = 'failed'
          ORDER BY number LIMIT 1
          """, arguments: [id]
      ).map { ($0["bucket"], $0["key"], $0["detail"] as String? ?? "") }
    }
  }

  static func deleteInputs(ofTransformJob id: Int64, in db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM transform_inputs WHERE job_id = ?").execute(arguments: [id])
  }
}
