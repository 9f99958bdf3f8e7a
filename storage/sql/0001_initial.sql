-- qeval results database, schema version 1. Released: never edit, add the next numbered file instead.
-- No STRICT tables: SQLite before 3.37 could not open the file. Fractions in tables, percents in views, ISO-8601 UTC times.

CREATE TABLE model(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, arch TEXT NOT NULL, format TEXT NOT NULL,
  path TEXT NOT NULL,  -- where it was last seen
  sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, params INTEGER NOT NULL, num_classes INTEGER NOT NULL,
  UNIQUE(sha256, arch));

CREATE TABLE dataset(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL,
  root TEXT NOT NULL,  -- where it was last seen
  n_samples INTEGER NOT NULL, n_classes INTEGER NOT NULL, fingerprint TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL);

CREATE TABLE class(
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE, class_index INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(dataset_id, class_index)) WITHOUT ROWID;

CREATE TABLE sample(
  id INTEGER PRIMARY KEY, dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL, name TEXT NOT NULL, label INTEGER NOT NULL, bytes INTEGER NOT NULL,
  UNIQUE(dataset_id, ordinal));

CREATE TABLE job(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,  -- of name, path, text and resolved form
  source_path TEXT NOT NULL, source_text TEXT NOT NULL, resolved_json TEXT NOT NULL, created_at TEXT NOT NULL);

CREATE TABLE recipe(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,  -- of all other columns
  scheme TEXT NOT NULL, mode TEXT NOT NULL, param_bits INTEGER NOT NULL, activation_bits INTEGER NOT NULL,
  per_channel INTEGER NOT NULL CHECK(per_channel IN (0, 1)), quantize_input INTEGER NOT NULL CHECK(quantize_input IN (0, 1)),
  fold_batch_norm INTEGER NOT NULL CHECK(fold_batch_norm IN (0, 1)), config_json TEXT NOT NULL);

-- What a key was made of: run.eval_key and encoding_set.cache_key.
CREATE TABLE key_component(
  key TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(key, name)) WITHOUT ROWID;

CREATE TABLE encoding_set(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, cache_key TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL CHECK(origin IN ('calibrated', 'imported')), mode TEXT NOT NULL,
  n_calibration INTEGER NOT NULL, source_path TEXT NOT NULL, created_at TEXT NOT NULL);

CREATE TABLE encoding(
  set_id INTEGER NOT NULL REFERENCES encoding_set(id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK(role IN ('param', 'input', 'output')), tensor TEXT NOT NULL,
  channel INTEGER NOT NULL,  -- -1 = per tensor
  layer TEXT NOT NULL, bitwidth INTEGER NOT NULL, is_symmetric INTEGER NOT NULL CHECK(is_symmetric IN (0, 1)),
  min REAL, max REAL, scale REAL, "offset" REAL,
  PRIMARY KEY(set_id, role, tensor, channel)) WITHOUT ROWID;

CREATE TABLE calibration_progress(
  cache_key TEXT PRIMARY KEY NOT NULL, batches_done INTEGER NOT NULL, updated_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE calibration_state(
  cache_key TEXT NOT NULL REFERENCES calibration_progress(cache_key) ON DELETE CASCADE,
  quantizer INTEGER NOT NULL, state BLOB NOT NULL, UNIQUE(cache_key, quantizer));

CREATE TABLE run(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  -- 'running' with nobody holding the writer lock means: killed. Readers report it as 'interrupted'.
  state TEXT NOT NULL CHECK(state IN ('running', 'interrupted', 'failed', 'done', 'gate_failed')),
  job_id INTEGER NOT NULL REFERENCES job(id), overrides_json TEXT NOT NULL, variant TEXT NOT NULL,
  model_id INTEGER NOT NULL REFERENCES model(id), dataset_id INTEGER NOT NULL REFERENCES dataset(id),
  recipe_id INTEGER REFERENCES recipe(id), encoding_set_id INTEGER REFERENCES encoding_set(id),
  precision TEXT NOT NULL, executor TEXT NOT NULL, mode TEXT NOT NULL, device TEXT NOT NULL, batch_size INTEGER NOT NULL,
  -- Of all images done; a failed image counts as wrong. The interval is Wilson's, 95 %.
  top1 REAL, top1_low REAL, top1_high REAL, top5 REAL,
  n_total INTEGER NOT NULL, n_done INTEGER NOT NULL DEFAULT 0, n_failed INTEGER NOT NULL DEFAULT 0,
  n_correct1 INTEGER NOT NULL DEFAULT 0, n_correct5 INTEGER NOT NULL DEFAULT 0,
  active_s REAL NOT NULL DEFAULT 0,  -- sum over attempts
  eval_key TEXT NOT NULL, tool_version TEXT NOT NULL, exit_code INTEGER, error TEXT, tags TEXT NOT NULL,
  created_at TEXT NOT NULL, finished_at TEXT);
CREATE INDEX run_eval_key ON run(eval_key);

CREATE TABLE run_attempt(
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT, host TEXT NOT NULL, pid INTEGER NOT NULL, device TEXT NOT NULL,
  from_done INTEGER NOT NULL, to_done INTEGER, active_s REAL,
  end_reason TEXT CHECK(end_reason IN ('done', 'interrupted', 'failed', 'gate_failed', 'killed')), argv TEXT NOT NULL,
  UNIQUE(run_id, attempt));

CREATE TABLE batch_done(
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, batch_number INTEGER NOT NULL, n_rows INTEGER NOT NULL,
  committed_at TEXT NOT NULL, PRIMARY KEY(run_id, batch_number)) WITHOUT ROWID;

CREATE TABLE prediction(
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, sample_id INTEGER NOT NULL REFERENCES sample(id),
  label INTEGER NOT NULL, top1 INTEGER, top2 INTEGER, top3 INTEGER, top4 INTEGER, top5 INTEGER,
  prob1 REAL, margin REAL,  -- NULL where the image failed
  correct1 INTEGER NOT NULL CHECK(correct1 IN (0, 1)), correct5 INTEGER NOT NULL CHECK(correct5 IN (0, 1)),
  status TEXT NOT NULL, message TEXT,
  -- The file as this run read it: size in pixels, decoder warnings, hash of its bytes.
  width INTEGER NOT NULL, height INTEGER NOT NULL, warnings INTEGER NOT NULL, xxh64 INTEGER NOT NULL,
  PRIMARY KEY(run_id, sample_id)) WITHOUT ROWID;

CREATE VIEW history AS
  SELECT r.id, r.name, r.state, r.created_at, j.name AS job, m.arch, r.variant, r.precision, r.executor, r.mode, r.device,
         d.name AS dataset, r.n_done, r.n_total, r.n_failed, round(r.top1 * 100, 3) AS top1,
         round(r.top1_low * 100, 3) AS top1_low, round(r.top1_high * 100, 3) AS top1_high, round(r.top5 * 100, 3) AS top5,
         round(r.n_done / nullif(r.active_s, 0), 1) AS images_per_s, round(r.active_s, 1) AS active_s, r.tags
  FROM run r JOIN job j ON j.id = r.job_id JOIN model m ON m.id = r.model_id JOIN dataset d ON d.id = r.dataset_id;
