#include "storage/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdlib>
#include <new>
#include <utility>

#include "pipeline/base/visible_text.h"
#include "storage/damage.h"

namespace qeval {

namespace {

/// How long a connection waits for another one's short write lock before it gives up.
constexpr int busy_timeout_ms = 5000;

/// As SQLite's own: 4 MB.
constexpr int pages_of_a_long_wal = 1000;

/// A file: URI; needed because `immutable` has no flag of its own.
std::string file_uri(const std::filesystem::path& file, bool immutable) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr char digits[] = "0123456789abcdef";
      uri += {'%', digits[(c >> 4) & 15], digits[c & 15]};
    } else {
      uri += c;
    }
  }
  return immutable ? uri + "?immutable=1" : uri;
}

/// SQLite says "full" for writes only; growing -shm or creating a file beside the database fails as I/O or open error.
bool is_disk_full(sqlite3* handle, int code) {
  const int kind = code & 0xff;
  if (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN) return kind == SQLITE_FULL;
  const int reason = handle ? sqlite3_system_errno(handle) : 0;
  return reason == ENOSPC || reason == EDQUOT;
}

}  // namespace

// Statement --------------------------------------------------------------------------------------------------------

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement::~Statement() {
  if (!handle_) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

void Statement::check(int code) {
  if (code != SQLITE_OK) database_->raise(code);
}

void Statement::bind(int index, std::int64_t value) { check(sqlite3_bind_int64(handle_, index, value)); }

void Statement::bind(int index, double value) { check(sqlite3_bind_double(handle_, index, value)); }

void Statement::bind(int index, std::nullopt_t) { check(sqlite3_bind_null(handle_, index)); }

void Statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* data = value.data() ? value.data() : "";
  check(sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, std::span<const std::uint8_t> value) {
  if (value.empty()) return check(sqlite3_bind_zeroblob(handle_, index, 0));
  check(sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_TRANSIENT));
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->raise(code);
  return false;
}

void Statement::step_to_row() {
  if (!step()) throw InternalError("a query that always has a row has none");
}

int Statement::columns() const { return sqlite3_column_count(handle_); }

std::string Statement::column_name(int column) const {
  const char* name = sqlite3_column_name(handle_, column);
  if (!name) throw std::bad_alloc();
  return name;
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

bool Statement::is_real(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_FLOAT; }

void Statement::require_type(int column, bool fits) const {
  if (!fits) database_->raise_damage("a value of " + column_name(column) + " is not what was written");
}

std::int64_t Statement::integer(int column) const {
  const auto value = optional_integer(column);
  require_type(column, value.has_value());
  return *value;
}

// To the value in one way through SQLite, where its type and its content would take one each.
std::optional<std::int64_t> Statement::optional_integer(int column) const {
  sqlite3_value* const value = sqlite3_column_value(handle_, column);
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return std::nullopt;
  require_type(column, type == SQLITE_INTEGER);
  return sqlite3_value_int64(value);
}

int Statement::small_integer(int column) const {
  const auto value = optional_small_integer(column);
  require_type(column, value.has_value());
  return *value;
}

std::optional<int> Statement::optional_small_integer(int column) const {
  const auto value = optional_integer(column);
  if (!value) return std::nullopt;
  require_type(column, std::in_range<int>(*value));
  return static_cast<int>(*value);
}

double Statement::real(int column) const {
  const auto value = optional_real(column);
  require_type(column, value.has_value());
  return *value;
}

std::optional<double> Statement::optional_real(int column) const {
  sqlite3_value* const value = sqlite3_column_value(handle_, column);
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return std::nullopt;
  require_type(column, type == SQLITE_FLOAT || type == SQLITE_INTEGER);
  return sqlite3_value_double(value);
}

std::string Statement::required_text(int column) const {
  require_type(column, sqlite3_column_type(handle_, column) == SQLITE_TEXT);
  return text(column);
}

std::string Statement::optional_text(int column) const { return is_null(column) ? "" : required_text(column); }

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))) : std::string();
}

Cell Statement::cell(int column) const {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return integer(column);
    case SQLITE_FLOAT: break;
    default: return text(column);
  }
  const double value = real(column);
  std::string digits = text(column);
  // SQLite writes 15 digits; some numbers need 17.
  return std::strtod(digits.c_str(), nullptr) == value ? Cell::real(value, std::move(digits)) : Cell(value);
}

std::vector<std::uint8_t> Statement::blob(int column) const {
  require_type(column, sqlite3_column_type(handle_, column) == SQLITE_BLOB);
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  if (!data) return {};
  return {data, data + sqlite3_column_bytes(handle_, column)};
}

// Database ---------------------------------------------------------------------------------------------------------

Database::Database(const std::filesystem::path& file, Access access) : file_(file) {
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const std::string uri = file_uri(file, access == Access::immutable);
  try {
    if (const int code = sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr); code != SQLITE_OK) raise(code);
    harden(access);
  } catch (...) {
    close();
    throw;
  }
}

Database::~Database() { close(); }

void Database::close() noexcept {
  // The commits beside the name do not belong into what has taken the file's place.
  if (handle_ && !in_place()) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  for (const auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  cache_.clear();
  sqlite3_close(std::exchange(handle_, nullptr));
}

/// A results file may come from anywhere: nothing stored in it may run code, write elsewhere or be trusted to be sound.
void Database::harden(Access access) {
  const auto configure = [this](int option, int value) {
    if (const int code = sqlite3_db_config(handle_, option, value, nullptr); code != SQLITE_OK) raise(code);
  };
  configure(SQLITE_DBCONFIG_DEFENSIVE, 1);
  configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  // "no_such_column" must be an error, not the text 'no_such_column'.
  configure(SQLITE_DBCONFIG_DQS_DML, 0);
  configure(SQLITE_DBCONFIG_DQS_DDL, 0);
  sqlite3_busy_timeout(handle_, busy_timeout_ms);
  run_script("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;");
  if (access != Access::read_write) run_script("PRAGMA query_only=ON;");
}

Statement Database::prepare(std::string_view sql) {
  std::string key(sql);
  const auto found = cache_.find(key);
  if (found != cache_.end()) {
    if (sqlite3_stmt_busy(found->second)) throw InternalError("statement used while it is running: " + key);
    return Statement(*this, found->second);
  }
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, key.c_str(), static_cast<int>(key.size()) + 1, SQLITE_PREPARE_PERSISTENT,
                                      &statement, &tail);
  if (code != SQLITE_OK) raise(code);
  if (!statement || *tail != '\0') {
    sqlite3_finalize(statement);
    throw InternalError("not one SQL statement: " + key);
  }
  cache_.emplace(std::move(key), statement);
  return Statement(*this, statement);
}

void Database::run_script(const std::string& sql) {
  if (const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) raise(code);
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool Database::is_read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

void Database::keep_place(const FileIds& ids) {
  place_.emplace(file_, ids);
  // In place of SQLite's own way, which would write into whatever has taken the file's place since the commit began.
  sqlite3_wal_hook(
      handle_,
      [](void* self, sqlite3*, const char*, int pages) {
        if (pages >= pages_of_a_long_wal) static_cast<Database*>(self)->wal_is_long_ = true;
        return SQLITE_OK;
      },
      this);
}

void Database::require_place() const {
  if (place_) place_->require();
}

void Database::commit() {
  require_place();
  run("COMMIT");
  if (!place_) return;
  place_->accept_own_write();
  if (!std::exchange(wal_is_long_, false)) return;
  place_->require();
  move_commits_into_main_file();
  place_->accept_own_write();
}

/// As far as readers let it. What goes wrong is no error: the commits are safe where they are, and the next commit
/// tries again.
void Database::move_commits_into_main_file() noexcept {
  sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

void Database::raise(int code) {
  // Whatever SQLite makes of it, that is the reason.
  require_place();
  const std::string detail = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const std::string name = "database " + visible_name(file_.string());
  switch (is_disk_full(handle_, code) ? SQLITE_FULL : code & 0xff) {
    case SQLITE_FULL:
      throw RunError(name + ": the disk is full; everything committed so far is safe. Free space, then `qeval resume`");
    case SQLITE_IOERR:
      throw RunError(name + ": " + detail + " (" + sqlite3_errstr(code) + ", code " + std::to_string(code) +
                     "); everything committed so far is safe. Check the disk, then `qeval resume`");
    case SQLITE_NOMEM:
      throw RunError(name + ": out of memory; everything committed so far is safe. Free memory, then `qeval resume`");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      throw DatabaseError(name + " is held by another program (" + detail + "); wait for it, or use --db");
    case SQLITE_READONLY: throw NotAccessible(name + " is read-only (" + detail + "); make it writable, or use --db");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw NotAccessible(name + " cannot be opened (" + detail + "); check the path and its permissions");
    case SQLITE_NOTADB:
      throw DatabaseError(name + " is not a qeval results database (" + detail + "); use --db with another path");
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
    case SQLITE_INTERNAL: raise_damage(detail);
    case SQLITE_CONSTRAINT: raise_broken_constraint(detail);
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
      throw SqlError(name + " does not have the tables of a qeval results database (" + detail +
                         "); restore a backup, or use --db",
                     detail);
    default: throw InternalError(name + ": " + detail + " (code " + std::to_string(code) + ")");
  }
}

void Database::raise_damage(const std::string& what) const { throw_damaged(file_, what); }

/// Rows that we add fit a sound file.
void Database::raise_broken_constraint(const std::string& detail) {
  Statement pages = query("PRAGMA integrity_check(1)");
  const bool sound = pages.step() && pages.text(0) == "ok";
  if (!sound || query("PRAGMA foreign_key_check").step()) raise_damage(detail);
  throw InternalError("database " + visible_name(file_.string()) + ": " + detail);
}

// Transaction ------------------------------------------------------------------------------------------------------

Transaction::Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }

void Transaction::commit() { database_.commit(); }

namespace {

void roll_back(Database& database) noexcept {
  if (!database.in_transaction()) return;
  try {
    database.run("ROLLBACK");
  } catch (...) {
    // The error that led here is on its way to the user; closing the connection rolls back too.
  }
}

}  // namespace

Transaction::~Transaction() { roll_back(database_); }

ReadTransaction::ReadTransaction(Database& database) : database_(database.in_transaction() ? nullptr : &database) {
  if (database_) database_->run("BEGIN");
}

ReadTransaction::~ReadTransaction() {
  if (database_) roll_back(*database_);
}

}  // namespace qeval
