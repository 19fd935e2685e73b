/// The tables of the log groups that clients make themselves. What jobs and workers print lies in files.
extension Schema {
  /// An event's position is its time (milliseconds << 20) and a count, so that the order of time is the order of the tree.
  static let logs = """
    CREATE TABLE log_groups (
      name TEXT NOT NULL PRIMARY KEY,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE log_streams (
      id INTEGER PRIMARY KEY,
      log_group TEXT NOT NULL REFERENCES log_groups (name) ON DELETE CASCADE,
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      ingested_at INTEGER,
      UNIQUE (log_group, name)
    ) STRICT;

    CREATE TABLE log_events (
      stream_id INTEGER NOT NULL REFERENCES log_streams (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      ingested_at INTEGER NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (stream_id, position)
    ) STRICT, WITHOUT ROWID;
    """

  /// Days for which a group's events are kept; NULL: for ever.
  static let logRetention = "ALTER TABLE log_groups ADD COLUMN retention_days INTEGER CHECK (retention_days > 0)"
}
