-- qeval results database, schema version 2: layer sensitivity. Released: never edit, add the next numbered file instead.

CREATE TABLE sensitivity(
  id INTEGER PRIMARY KEY,
  cache_key TEXT NOT NULL UNIQUE,  -- its components are in key_component
  job_name TEXT NOT NULL, variant TEXT NOT NULL, arch TEXT NOT NULL,
  mode TEXT NOT NULL CHECK(mode IN ('only-one-on', 'all-but-one')),
  n_images INTEGER NOT NULL, batch_size INTEGER NOT NULL, created_at TEXT NOT NULL);

-- Numbers 0 and 1 are the unquantized and the fully quantized network, then the groups in network order.
CREATE TABLE sensitivity_group(
  sensitivity_id INTEGER NOT NULL REFERENCES sensitivity(id) ON DELETE CASCADE, number INTEGER NOT NULL,
  layer TEXT NOT NULL, kind TEXT NOT NULL CHECK(kind IN ('float', 'quantized', 'weights', 'activations')),
  PRIMARY KEY(sensitivity_id, number)) WITHOUT ROWID;

-- Sums over the usable images of one batch. All parts of a batch are one transaction.
CREATE TABLE sensitivity_part(
  sensitivity_id INTEGER NOT NULL, batch_number INTEGER NOT NULL, number INTEGER NOT NULL,
  n_images INTEGER NOT NULL, n_correct1 INTEGER NOT NULL, n_broke INTEGER NOT NULL, n_fixed INTEGER NOT NULL,
  divergence REAL, change REAL, change_squares REAL, signal REAL, local_noise REAL, cumulative_noise REAL,
  PRIMARY KEY(sensitivity_id, batch_number, number),
  FOREIGN KEY(sensitivity_id, number) REFERENCES sensitivity_group(sensitivity_id, number) ON DELETE CASCADE) WITHOUT ROWID;

CREATE VIEW layer_sensitivity AS
SELECT s.id AS sensitivity_id, s.job_name, s.variant, s.arch, s.mode, g.number, g.layer, g.kind,
  sum(p.n_images) AS n_images, sum(p.n_correct1) AS n_correct1, sum(p.n_broke) AS n_broke, sum(p.n_fixed) AS n_fixed,
  100.0 * sum(p.n_correct1) / sum(p.n_images) AS top1, sum(p.divergence) / sum(p.n_images) AS divergence
FROM sensitivity s JOIN sensitivity_group g ON g.sensitivity_id = s.id
  JOIN sensitivity_part p ON p.sensitivity_id = g.sensitivity_id AND p.number = g.number
GROUP BY s.id, g.number;
