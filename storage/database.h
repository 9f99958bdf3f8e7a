#pragma once
/// RAII over SQLite: a connection hardened against hostile files, cached statements, immediate transactions.
/// The only file pair that knows the library. Ownership: a Statement borrows from its Database and must go first.
/// Thread-safety: one thread at a time per Database.
/// Errors: RunError for a full disk, I/O trouble or memory; DatabaseError for busy, read-only, damaged or foreign
/// files; SqlError for a statement that SQLite does not accept; InternalError for a broken constraint.
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/base/errors.h"
#include "storage/cell.h"
#include "storage/file_place.h"

struct sqlite3;
struct sqlite3_stmt;

namespace qeval {

/// A statement does not fit the file. Our own SQL fits every sound file, so its tables were altered or damaged; where
/// the SQL came from the user, the caller turns `detail` into a UsageError.
class SqlError : public DatabaseError {
 public:
  SqlError(const std::string& message, std::string detail) : DatabaseError(message), detail_(std::move(detail)) {}
  const std::string& detail() const noexcept { return detail_; }

 private:
  std::string detail_;
};

/// The file, or one that SQLite needs beside it, cannot be opened or created as wanted.
class NotAccessible : public DatabaseError {
 public:
  using DatabaseError::DatabaseError;
};

class Database;

/// A statement in use. Returns to the connection's cache, reset, when it goes out of scope.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  /// True: a row is there to be read. False: the end.
  [[nodiscard]] bool step();
  /// Of a query that always has a row, an aggregate's. InternalError if it has none.
  void step_to_row();

  int columns() const;
  std::string column_name(int column) const;
  bool is_null(int column) const;
  bool is_real(int column) const;
  std::string text(int column) const;  ///< of a value of any type; "" for NULL
  // DatabaseError for a value of another type: it is not what was written.
  std::int64_t integer(int column) const;
  int small_integer(int column) const;                          ///< one that fits
  std::optional<int> optional_small_integer(int column) const;  ///< nothing for NULL
  std::optional<double> optional_real(int column) const;        ///< nothing for NULL
  double real(int column) const;
  Cell cell(int column) const;  ///< of a value of any type; a blob as text
  std::string required_text(int column) const;
  std::string optional_text(int column) const;  ///< "" for NULL
  std::vector<std::uint8_t> blob(int column) const;

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}

  void bind(int index, std::int64_t value);
  void bind(int index, double value);  ///< NaN becomes NULL
  void bind(int index, std::string_view value);
  void bind(int index, std::span<const std::uint8_t> value);
  void bind(int index, std::nullopt_t);
  template <std::integral Integer>
  void bind(int index, Integer value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  template <class Value>
  void bind(int index, const std::optional<Value>& value) {
    if (value) return bind(index, *value);
    bind(index, std::nullopt);
  }
  void check(int code);
  std::optional<std::int64_t> optional_integer(int column) const;
  void require_type(int column, bool fits) const;

  Database* database_;
  sqlite3_stmt* handle_;
};

class Database {
 public:
  enum class Access {
    read_write,  ///< creates the file if absent
    read_only,
    immutable  ///< read-only, and promised that nobody writes: needs neither a lock nor a -shm file
  };

  Database(const std::filesystem::path& file, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Binds the arguments to ?1, ?2, … in order.
  template <class... Arguments>
  Statement query(std::string_view sql, const Arguments&... arguments) {
    Statement statement = prepare(sql);
    int index = 0;
    (statement.bind(++index, arguments), ...);
    return statement;
  }
  /// Runs a statement whose rows nobody wants.
  template <class... Arguments>
  void run(std::string_view sql, const Arguments&... arguments) {
    Statement statement = query(sql, arguments...);
    while (statement.step()) {
    }
  }
  /// First column of the first row as an integer; 0 without a row, and for NULL.
  template <class... Arguments>
  std::int64_t integer(std::string_view sql, const Arguments&... arguments) {
    Statement statement = query(sql, arguments...);
    return statement.step() && !statement.is_null(0) ? statement.integer(0) : 0;
  }
  /// Several statements separated by ';', nothing bound.
  void run_script(const std::string& sql);

  /// DatabaseError: the file holds what qeval did not write. With the advice what to do.
  [[noreturn]] void raise_damage(const std::string& what) const;

  std::int64_t last_insert_id() const;
  bool in_transaction() const;
  bool is_read_only() const;
  /// From now on every Transaction makes sure that the file is still the one with these ids; see file_place.h.
  void keep_place(const FileIds& ids);
  bool in_place() const { return !place_ || place_->holds(); }
  const std::filesystem::path& file() const { return file_; }

 private:
  friend class Statement;
  friend class Transaction;
  Statement prepare(std::string_view sql);
  void harden(Access access);
  void close() noexcept;
  void commit();
  void require_place() const;
  void move_commits_into_main_file() noexcept;
  [[noreturn]] void raise(int code);
  [[noreturn]] void raise_broken_constraint(const std::string& detail);

  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> cache_;
  std::optional<FilePlace> place_;
  bool wal_is_long_ = false;  ///< of a kept place: commits are to be moved into the main file
};

/// BEGIN IMMEDIATE … commit(), or a rollback when it goes out of scope without. DatabaseError, and nothing is
/// committed, if the file is no longer where it was opened.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
};

/// Everything read while it lives is of one moment. Nothing inside another transaction, which sees one moment anyway.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Database* database_;
};

}  // namespace qeval
