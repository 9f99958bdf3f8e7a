#pragma once
/// The directory of a zip archive whose entries are all stored, as torch.save writes them (torch ≥ 1.6). Zip64
/// included. Format: PKWARE APPNOTE 6.3.9. Checksums are not verified: newer torch may leave them out, and a job pins
/// the whole file by SHA-256. Errors: WeightsFormatError: truncated, compressed, encrypted, duplicate or overlapping
/// entries.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

namespace qeval {

class PthZipArchive {
 public:
  /// `file` must outlive the archive and the spans it gives out.
  explicit PthZipArchive(std::span<const std::uint8_t> file);

  std::optional<std::span<const std::uint8_t>> find(std::string_view name) const;
  /// The folder that holds data.pkl ("state_dict" for "state_dict/data.pkl"). Throws unless there is exactly one.
  std::string_view prefix() const;

 private:
  std::unordered_map<std::string_view, std::span<const std::uint8_t>> entries_;
};

}  // namespace qeval
