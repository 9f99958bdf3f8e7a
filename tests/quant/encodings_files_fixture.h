#pragma once
/// Encodings files from JSON that a test writes down.
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "stages/quant/files/encodings_file.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {

class EncodingsFiles : public testing::Test {
 protected:
  /// Through "net.encodings" in a folder of its own.
  EncodingsFile read_text(const std::string& text) {
    const auto path = folder_.path() / "net.encodings";
    std::ofstream(path) << text;
    return read_encodings_file(path);
  }
  EncodingsFile read_file(const nlohmann::json& document) { return read_text(document.dump()); }

  /// "no error" if it can be read.
  std::string error_of(const nlohmann::json& document) {
    try {
      read_file(document);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  /// Read, and written in `version`.
  nlohmann::json rewritten(const nlohmann::json& document, const std::string& version) {
    EncodingsFile file = read_file(document);
    file.version = version;
    return nlohmann::json::parse(format_encodings_file(file));
  }

 private:
  TempDir folder_;
};

}  // namespace qeval::test
