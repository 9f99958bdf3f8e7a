#include "storage/file_memory.h"

#include <xxhash.h>

#include <algorithm>
#include <string_view>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "storage/database.h"

namespace qeval {
namespace {

/// "qem1" in the file header. Never change it; another content of the tables is another version.
constexpr std::int64_t memory_application_id = 0x71656d31;
constexpr std::int64_t memory_version = 1;

constexpr const char* memory_schema =
    "CREATE TABLE read_file(path TEXT PRIMARY KEY NOT NULL, bytes INTEGER NOT NULL, device INTEGER NOT NULL,"
    " inode INTEGER NOT NULL, modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL, sha256 BLOB NOT NULL, xxh64 "
    "INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE written_file(path TEXT PRIMARY KEY NOT NULL, sha256 BLOB NOT NULL, xxh64 INTEGER NOT NULL) WITHOUT "
    "ROWID;";

/// Over a row's other cells: a flipped bit must not become a wrong answer.
class RowHash {
 public:
  RowHash& add(std::string_view bytes) {
    hash_ = static_cast<std::int64_t>(XXH64(bytes.data(), bytes.size(), static_cast<XXH64_hash_t>(hash_)));
    return *this;
  }
  RowHash& add(const Sha256Digest& digest) {
    return add({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
  RowHash& add(std::int64_t value) { return add({reinterpret_cast<const char*>(&value), sizeof value}); }
  std::int64_t value() const { return hash_; }

 private:
  std::int64_t hash_ = 0;
};

std::int64_t hash_of(const RememberedFile& file) {
  RowHash hash;
  hash.add(file.path).add(file.bytes).add(file.device).add(file.inode);
  return hash.add(file.modified_ns).add(file.changed_ns).add(file.sha256).value();
}

std::int64_t hash_of(const std::string& path, const Sha256Digest& sha256) {
  return RowHash().add(path).add(sha256).value();
}

std::optional<Sha256Digest> read_digest(const Statement& statement, int column) {
  const std::vector<std::uint8_t> bytes = statement.blob(column);
  Sha256Digest digest;
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

/// With the tables and columns that are read here: a file that lost them, or that another qeval's memory has, is begun
/// anew.
bool is_memory(Database& database) {
  return database.integer("PRAGMA application_id") == memory_application_id &&
         database.integer("PRAGMA user_version") == memory_version &&
         database.integer("SELECT count(*) FROM pragma_table_info('read_file')") == 8 &&
         database.integer("SELECT count(*) FROM pragma_table_info('written_file')") == 3;
}

void refuse_somebody_elses(Database& database) {
  const std::int64_t id = database.integer("PRAGMA application_id");
  if (id == memory_application_id) return;
  if (id != 0 || database.integer("SELECT count(*) FROM sqlite_schema") != 0)
    throw DatabaseError(visible_name(database.file().string()) +
                        " is not qeval's memory of files; remove it to begin a new one");
}

/// Several processes write to it, so it stays in SQLite's rollback mode.
void prepare_schema(Database& database) {
  if (is_memory(database)) return;
  Transaction transaction(database);
  if (is_memory(database)) return;  // another process was faster
  refuse_somebody_elses(database);
  database.run_script("DROP TABLE IF EXISTS read_file; DROP TABLE IF EXISTS written_file;" +
                      std::string(memory_schema) + "PRAGMA application_id=" + std::to_string(memory_application_id) +
                      "; PRAGMA user_version=" + std::to_string(memory_version));
  transaction.commit();
}

std::filesystem::path with_folder(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error)
    throw DatabaseError("cannot create the folder " + visible_name(file.parent_path().string()) + ": " +
                        error.message());
  return file;
}

}  // namespace

class FileMemory::Impl {
 public:
  explicit Impl(const std::filesystem::path& file) : database(with_folder(file), Database::Access::read_write) {
    prepare_schema(database);
  }
  Database database;
};

FileMemory::FileMemory(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {}

FileMemory::~FileMemory() = default;

std::vector<RememberedFile> FileMemory::read_below(const std::string& folder) {
  // '0' is the character behind '/': the range holds what begins with "folder/".
  std::vector<RememberedFile> files;
  Statement statement = impl_->database.query(
      "SELECT path, bytes, device, inode, modified_ns, changed_ns, sha256, xxh64 FROM read_file WHERE path > ?1 AND "
      "path < ?2"
      " AND (typeof(bytes), typeof(device), typeof(inode), typeof(modified_ns), typeof(changed_ns), typeof(sha256),"
      " typeof(xxh64)) = ('integer', 'integer', 'integer', 'integer', 'integer', 'blob', 'integer')",
      folder + "/", folder + "0");
  while (statement.step()) {
    const auto sha256 = read_digest(statement, 6);
    if (!sha256) continue;
    RememberedFile file{statement.text(0),
                        statement.integer(1),
                        statement.integer(2),
                        statement.integer(3),
                        statement.integer(4),
                        statement.integer(5),
                        *sha256};
    if (hash_of(file) == statement.integer(7)) files.push_back(std::move(file));
  }
  return files;
}

void FileMemory::remember_read(std::span<const RememberedFile> files) {
  Transaction transaction(impl_->database);
  for (const RememberedFile& file : files)
    impl_->database.run("INSERT OR REPLACE INTO read_file VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", file.path,
                        file.bytes, file.device, file.inode, file.modified_ns, file.changed_ns,
                        std::span<const std::uint8_t>(file.sha256), hash_of(file));
  transaction.commit();
}

std::optional<Sha256Digest> FileMemory::written(const std::string& path) {
  Statement statement = impl_->database.query(
      "SELECT sha256, xxh64 FROM written_file WHERE path = ?1 AND (typeof(sha256), typeof(xxh64)) = ('blob', "
      "'integer')",
      path);
  if (!statement.step()) return std::nullopt;
  const auto sha256 = read_digest(statement, 0);
  return sha256 && hash_of(path, *sha256) == statement.integer(1) ? sha256 : std::nullopt;
}

void FileMemory::remember_written(const std::string& path, const Sha256Digest& sha256) {
  Transaction transaction(impl_->database);
  impl_->database.run("INSERT OR REPLACE INTO written_file VALUES(?1, ?2, ?3)", path,
                      std::span<const std::uint8_t>(sha256), hash_of(path, sha256));
  transaction.commit();
}

}  // namespace qeval
