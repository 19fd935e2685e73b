/// The tables of batch transform jobs.
extension Schema {
  /// The inputs of a job are listed once, before the first is read, and each is ticked off when its output is there: what
  /// is not ticked off is what a daemon that starts goes on with. They go with the job's end, which keeps their sums.
  static let transforms = """
    CREATE TABLE transform_jobs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      region TEXT NOT NULL,
      account TEXT NOT NULL,
      status TEXT NOT NULL
        CHECK (status IN ('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped')),
      created_at INTEGER NOT NULL,
      modified_at INTEGER NOT NULL CHECK (modified_at >= created_at),
      ended_at INTEGER,
      version INTEGER NOT NULL CHECK (version > 0),
      failure_reason TEXT,
      state TEXT NOT NULL,
      containers TEXT NOT NULL,
      request TEXT NOT NULL,
      CHECK ((ended_at IS NOT NULL) = (status IN ('Completed', 'Failed', 'Stopped')))
    ) STRICT;
    CREATE INDEX transform_jobs_listing ON transform_jobs (id, name, status, modified_at);
    CREATE INDEX transform_jobs_by_status ON transform_jobs (status, id);

    CREATE TABLE transform_job_events (
      job_id INTEGER NOT NULL REFERENCES transform_jobs (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (job_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE transform_inputs (
      job_id INTEGER NOT NULL REFERENCES transform_jobs (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      bucket TEXT NOT NULL,
      key TEXT NOT NULL,
      output TEXT NOT NULL,
      size INTEGER NOT NULL,
      outcome TEXT CHECK (outcome IN ('done', 'failed')),
      detail TEXT,
      PRIMARY KEY (job_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX transform_inputs_by_output ON transform_inputs (job_id, output);
    CREATE INDEX transform_inputs_pending ON transform_inputs (job_id, number) WHERE outcome IS NULL;
    """
}
