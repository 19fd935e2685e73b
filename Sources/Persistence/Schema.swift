import GRDB

/// The tables, as named migrations. They are append-only: a migration that has shipped never changes.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v001_trainingJobs") { db in try db.execute(sql: v001) }
    return migrator
  }

  /// Names are unique without regard to case, because ARNs are: SageMaker writes names in them in lower case.
  ///
  /// `id` holds the creation time (milliseconds << 20 | counter), so that the order of arrival, the order of creation
  /// times and the order of the b-tree are one: inserts append, and listing by time needs no index of its own.
  private static let v001 = """
    CREATE TABLE training_jobs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      region TEXT NOT NULL,
      account TEXT NOT NULL,
      status TEXT NOT NULL
        CHECK (status IN ('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped')),
      secondary_status TEXT NOT NULL,
      priority INTEGER NOT NULL CHECK (priority BETWEEN -100 AND 100),
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL CHECK (modified_at >= created_at),
      ended_at INTEGER,
      version INTEGER NOT NULL CHECK (version > 0),
      demand TEXT NOT NULL,
      state TEXT NOT NULL,
      request TEXT NOT NULL,
      CHECK ((ended_at IS NOT NULL) = (status IN ('Completed', 'Failed', 'Stopped')))
    ) STRICT;
    CREATE INDEX training_jobs_listing ON training_jobs (id, name, status, modified_at);
    CREATE INDEX training_jobs_by_status ON training_jobs (status, id);

    CREATE TABLE training_job_events (
      id INTEGER PRIMARY KEY,
      job_id INTEGER NOT NULL REFERENCES training_jobs (id) ON DELETE CASCADE,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL,
      detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX training_job_events_by_job ON training_job_events (job_id, id);

    CREATE TABLE training_job_metrics (
      job_id INTEGER NOT NULL REFERENCES training_jobs (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      position INTEGER NOT NULL,
      at INTEGER NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (job_id, name, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE training_job_log_scans (
      job_id INTEGER PRIMARY KEY REFERENCES training_jobs (id) ON DELETE CASCADE,
      consumed_bytes INTEGER NOT NULL CHECK (consumed_bytes >= 0)
    ) STRICT;

    CREATE TABLE tags (
      resource TEXT NOT NULL,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (resource, key)
    ) STRICT, WITHOUT ROWID;
    """
}
