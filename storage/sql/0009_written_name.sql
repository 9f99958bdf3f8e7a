-- qeval results database, schema version 9: the name the file is written under, and digests that show damage.
-- Released: never edit, add the next file instead.

-- SQLite's -wal and -journal files are named after the database: under another name of the same file they would not be found.
CREATE TABLE written_name(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  path TEXT NOT NULL,  -- absolute, links resolved
  file_id TEXT NOT NULL);  -- random, another for each writer: what lies beside another file of the name, or a later state, is not its own

ALTER TABLE run ADD COLUMN rows_check INTEGER NOT NULL DEFAULT 0;  -- of each prediction's SHA-256 64 bits, exclusive or over all
ALTER TABLE run ADD COLUMN row_sha256 TEXT;  -- SHA-256 of the other columns but tags
-- SHA-256, NULL where an older qeval wrote the row.
ALTER TABLE encoding_set ADD COLUMN content_sha256 TEXT;  -- of its encodings
ALTER TABLE calibration_progress ADD COLUMN states_sha256 TEXT;  -- of batches_done and the states, by quantizer
ALTER TABLE tuned_layer ADD COLUMN content_sha256 TEXT;  -- of position, layer, kind and content
