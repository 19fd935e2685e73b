import GRDB

/// The tables, as named migrations. They are append-only: a migration that has shipped never changes.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v001_trainingJobs") { db in try db.execute(sql: v001) }
    migrator.registerMigration("v002_endpoints") { db in try db.execute(sql: v002) }
    migrator.registerMigration("v006_transforms") { db in try db.execute(sql: transforms) }
    migrator.registerMigration("v007_logs") { db in try db.execute(sql: logs) }
    migrator.registerMigration("v008_asyncInvocations") { db in try db.execute(sql: asyncInvocations) }
    migrator.registerMigration("v009_logRetention") { db in try db.execute(sql: logRetention) }
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
  /// As above; and an endpoint's events are numbered, so that dropping the oldest is a range of the primary key.
  ///
  /// Nothing ties an endpoint to its configuration, nor that to its models: they may be deleted while they are in use.
  private static let v002 = """
    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      region TEXT NOT NULL,
      account TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      containers TEXT NOT NULL,
      request TEXT NOT NULL
    ) STRICT;
    CREATE INDEX models_listing ON models (id, name, created_at);

    CREATE TABLE endpoint_configs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      region TEXT NOT NULL,
      account TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      variants TEXT NOT NULL,
      request TEXT NOT NULL
    ) STRICT;
    CREATE INDEX endpoint_configs_listing ON endpoint_configs (id, name, created_at);

    CREATE TABLE endpoints (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      region TEXT NOT NULL,
      account TEXT NOT NULL,
      status TEXT NOT NULL
        CHECK (status IN ('Creating', 'Updating', 'InService', 'Failed', 'Deleting')),
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL,
      version INTEGER NOT NULL CHECK (version > 0),
      state TEXT NOT NULL
    ) STRICT;
    CREATE INDEX endpoints_listing ON endpoints (id, name, status, modified_at);
    CREATE INDEX endpoints_by_status ON endpoints (status, id);

    CREATE TABLE endpoint_events (
      endpoint_id INTEGER NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (endpoint_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE endpoint_figures (
      endpoint_id INTEGER NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
      minute INTEGER NOT NULL,
      variant TEXT NOT NULL,
      name TEXT NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (endpoint_id, minute, variant, name)
    ) STRICT, WITHOUT ROWID;
    """
}
