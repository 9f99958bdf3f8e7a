#include "stages/image/jpeg_decode.h"

#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/image/image_format.h"
#include "stages/image/jpeg_session.h"
#include "stages/image/pillow_color.h"
#include "stages/image/pillow_header.h"

namespace qeval {
namespace {

/// Rows are decoded in strips of about this size, so that memory grows only as far as the file really has pixels.
constexpr std::size_t strip_bytes = 64 << 10;

void require_jpeg(std::span<const std::uint8_t> file) {
  if (file.empty()) throw ItemError("empty", "the file has 0 bytes");
  if (starts_like_jpeg(file)) return;
  const std::string_view format = other_format_name(file);
  if (format.empty()) throw ItemError("not_jpeg", "not a JPEG file: it does not start with FF D8 FF");
  throw ItemError("unsupported",
                  "the content is " + std::string(format) + ", whatever the name says; convert it to JPEG");
}

void require(JpegSession::Step step, const JpegSession& session) {
  if (step == JpegSession::Step::failed && session.machine_lacks_memory()) throw std::bad_alloc();
  if (step == JpegSession::Step::failed) throw ItemError(session.failure_kind(), session.failure_message());
  if (step == JpegSession::Step::suspended) {
    const std::string where = session.height() > 0 ? "after " + std::to_string(session.rows_read()) + " of " +
                                                         std::to_string(session.height()) + " rows"
                                                   : "inside its header";
    throw ItemError("truncated", "the file is truncated: it ends " + where);
  }
}

void require_within_limits(const JpegSession& session, const JpegLimits& limits) {
  const int components = session.components();
  if (components != 1 && components != 3 && components != 4) {
    throw ItemError("unsupported", std::to_string(components) + " colour components; 1, 3 and 4 are supported");
  }
  const std::int64_t pixels = static_cast<std::int64_t>(session.width()) * session.height();
  if (pixels > limits.max_pixels) {
    throw ItemError("too_large", std::to_string(session.width()) + "x" + std::to_string(session.height()) +
                                     " pixels are more than the limit of " + std::to_string(limits.max_pixels));
  }
}

void require_pillow_header(std::span<const std::uint8_t> file) {
  const char* fault = pillow_header_fault(file);
  if (fault) throw ItemError("corrupt", std::string("the header has ") + fault);
}

/// Decodes `row_count` rows to the end of `image`, through `stored` where the file's layout is not RGB.
void append_rows(JpegSession& session, int row_count, std::vector<std::uint8_t>& stored, Image& image) {
  const std::size_t width = static_cast<std::size_t>(image.width);
  const std::size_t filled = image.rgb.size();
  image.rgb.resize(filled + width * 3 * row_count);
  std::uint8_t* target = image.rgb.data() + filled;
  if (session.components() == 3) return require(session.read_rows(target, row_count), session);

  const std::size_t stride = width * session.components();
  stored.resize(stride * row_count);
  require(session.read_rows(stored.data(), row_count), session);
  const auto convert = session.components() == 1 ? gray_to_rgb : cmyk_to_rgb;
  for (int row = 0; row < row_count; ++row) {
    convert(stored.data() + row * stride, image.width, target + row * width * 3);
  }
}

Image read_pixels(JpegSession& session) {
  Image image{session.width(), session.height(), {}};
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
  image.rgb.reserve(row_bytes * image.height);
  std::vector<std::uint8_t> stored;
  const int strip_rows = static_cast<int>(std::max<std::size_t>(1, strip_bytes / row_bytes));
  for (int y = 0; y < image.height; y += strip_rows) {
    append_rows(session, std::min(strip_rows, image.height - y), stored, image);
  }
  return image;
}

DecodedJpeg decode(std::span<const std::uint8_t> file, const JpegLimits& limits) {
  JpegSession session(file, limits);
  require(session.read_header(), session);
  require_within_limits(session, limits);
  require_pillow_header(file);
  require(session.start(), session);
  DecodedJpeg decoded{read_pixels(session), 0};
  // All rows are there: a missing end is no fault, but an error before it is, as in Pillow.
  if (session.finish() == JpegSession::Step::failed) require(JpegSession::Step::failed, session);
  decoded.warnings = session.warnings();
  return decoded;
}

}  // namespace

DecodedJpeg decode_jpeg(std::span<const std::uint8_t> file, const JpegLimits& limits) {
  require_jpeg(file);
  return decode(file, limits);
}

}  // namespace qeval
