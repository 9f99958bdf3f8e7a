-- qeval results database, schema version 7: what images changed in a network before its calibration. Released: never edit, add the next file instead.

CREATE TABLE tuned_layer(
  cache_key TEXT NOT NULL,  -- its components are in key_component
  position INTEGER NOT NULL,  -- 0, 1, 2 … in the order in which layers were changed
  layer TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('bias', 'rounding')),
  content BLOB NOT NULL,  -- bias: f32, little-endian; rounding: a bit per weight, 1 = up, the first in the lowest bit
  created_at TEXT NOT NULL,
  PRIMARY KEY(cache_key, position));
