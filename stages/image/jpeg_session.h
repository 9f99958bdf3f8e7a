#pragma once
/// One libjpeg decompressor over a file in memory, with errors and limits as return values.
///
/// libjpeg reports errors by calling back; the callback leaves by longjmp to the setjmp in the member function that
/// called libjpeg. Those functions therefore hold no object with a destructor, and nothing throws through C frames.
/// Thread-safety: one session per thread at a time. Ownership: borrows the file's bytes for its lifetime.
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>

// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include "stages/image/jpeg_decode.h"

namespace qeval {

class JpegSession {
 public:
  enum class Step {
    done,
    suspended,  ///< the file ended before this step was complete
    failed      ///< failure_kind() and failure_message() say why
  };

  JpegSession(std::span<const std::uint8_t> file, const JpegLimits& limits);
  ~JpegSession();
  JpegSession(const JpegSession&) = delete;
  JpegSession& operator=(const JpegSession&) = delete;

  Step read_header();
  Step start();                                         ///< multi-scan files are read to their end here
  Step read_rows(std::uint8_t* pixels, int row_count);  ///< row_count rows of width() · components() bytes
  Step finish();                                        ///< what follows the last row, up to the end marker

  int width() const { return static_cast<int>(decompressor_.image_width); }
  int height() const { return static_cast<int>(decompressor_.image_height); }
  int components() const { return decompressor_.num_components; }  ///< as stored: 1 gray, 3 colour, 4 CMYK
  int rows_read() const { return static_cast<int>(decompressor_.output_scanline); }
  int warnings() const { return static_cast<int>(errors_.num_warnings); }

  const char* failure_kind() const { return failure_kind_; }
  const char* failure_message() const { return failure_message_; }
  /// The failure is none of the file's: malloc had nothing left.
  bool machine_lacks_memory() const;

 private:
  static JpegSession& of(j_common_ptr common) { return *static_cast<JpegSession*>(common->client_data); }
  static void on_error(j_common_ptr common);
  static void on_message(j_common_ptr common, int level);
  static void on_progress(j_common_ptr common);
  void count_scan();
  static void on_skip(j_decompress_ptr decompressor, long byte_count);

  void install_callbacks();
  void install_source(std::span<const std::uint8_t> file);
  [[noreturn]] void fail(const char* kind);
  void choose_output_space();

  jpeg_decompress_struct decompressor_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf escape_{};
  JpegLimits limits_;
  int scans_counted_ = 0;
  std::int64_t blocks_ = 0;  ///< of the scans counted
  bool created_ = false;
  const char* failure_kind_ = "";
  char failure_message_[JMSG_LENGTH_MAX] = "";
};

}  // namespace qeval
