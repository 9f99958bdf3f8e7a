-- qeval results database, schema version 9: the name the file is written under, and digests that show damage.
-- Released: never edit, add the next file instead.

-- SQLite's -wal and -journal files are named after the database: under another name of the same file they would not be found.
CREATE TABLE written_name(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  path TEXT NOT NULL,  -- absolute, links resolved
  file_id TEXT NOT NULL);  -- random, of this file and its copies: what lies beside another file of the name is not its own

-- SHA-256; but for row_sha256 NULL where an older qeval wrote the row.
ALTER TABLE run ADD COLUMN content_sha256 TEXT;  -- of a finished run: the content hash that `qeval show` prints
ALTER TABLE run ADD COLUMN row_sha256 TEXT;  -- of the other columns but tags
ALTER TABLE encoding_set ADD COLUMN content_sha256 TEXT;  -- of its encodings
ALTER TABLE calibration_progress ADD COLUMN states_sha256 TEXT;  -- of batches_done and the states, by quantizer
ALTER TABLE tuned_layer ADD COLUMN content_sha256 TEXT;  -- of position, layer, kind and content
