#include "stages/image/jpeg_encode.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>

// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

namespace qeval {
namespace {

/// One libjpeg compressor into memory. Errors leave libjpeg by longjmp, as in jpeg_session.h: encode holds no object
/// with a destructor, and nothing throws through C frames.
class Compressor {
 public:
  Compressor() = default;
  ~Compressor() {
    jpeg_destroy_compress(&compressor_);
    std::free(bytes_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// False where libjpeg gave up, which it does for want of memory alone: the image was checked.
  bool encode(const Image& image, int quality) {
    compressor_.err = jpeg_std_error(&errors_);
    compressor_.client_data = this;
    errors_.error_exit = on_error;
    errors_.output_message = [](j_common_ptr) {};
    if (setjmp(escape_)) return false;
    jpeg_create_compress(&compressor_);
    jpeg_mem_dest(&compressor_, &bytes_, &size_);
    compressor_.image_width = static_cast<JDIMENSION>(image.width);
    compressor_.image_height = static_cast<JDIMENSION>(image.height);
    compressor_.input_components = 3;
    compressor_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&compressor_);
    jpeg_set_quality(&compressor_, quality, TRUE);
    jpeg_start_compress(&compressor_, TRUE);
    for (int y = 0; y < image.height; ++y) {
      auto* row = const_cast<JSAMPROW>(image.row(y));  // libjpeg reads it only
      jpeg_write_scanlines(&compressor_, &row, 1);
    }
    jpeg_finish_compress(&compressor_);
    return true;
  }

  std::vector<std::uint8_t> bytes() const { return {bytes_, bytes_ + size_}; }

 private:
  static void on_error(j_common_ptr common) { std::longjmp(static_cast<Compressor*>(common->client_data)->escape_, 1); }

  jpeg_compress_struct compressor_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf escape_{};
  unsigned char* bytes_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  const auto fits = [](int side) { return side > 0 && side <= JPEG_MAX_DIMENSION; };
  if (!fits(image.width) || !fits(image.height)) throw std::invalid_argument("no JPEG has such sides");
  Compressor compressor;
  if (!compressor.encode(image, quality)) throw std::bad_alloc();
  return compressor.bytes();
}

}  // namespace qeval
