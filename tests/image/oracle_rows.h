#pragma once
/// The rows of the Pillow oracle files.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace qeval::test {

struct OracleRow {
  std::string path, width, height;
  std::string status;                                                        ///< "ok", or how Pillow rejects the file
  std::string rgb, bilinear_256, bilinear_248, bicubic_256, padded_bicubic;  ///< SHA-256 of u8 HWC pixels
};

inline std::vector<OracleRow> read_oracle(const std::filesystem::path& csv) {
  std::ifstream file(csv);
  std::vector<OracleRow> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (line.ends_with('\r')) line.pop_back();
    std::istringstream fields(line);
    OracleRow row;
    for (std::string* field : {&row.path, &row.width, &row.height, &row.status, &row.rgb, &row.bilinear_256,
                               &row.bilinear_248, &row.bicubic_256, &row.padded_bicubic}) {
      std::getline(fields, *field, ',');
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace qeval::test
