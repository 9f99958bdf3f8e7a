#include "tests/image/jpeg_writer.h"

#include <jpeglib.h>

#include <cstdio>
#include <cstdlib>

namespace qeval::test {
namespace {

J_COLOR_SPACE input_space(JpegSpec::Color color) {
  switch (color) {
    case JpegSpec::Color::rgb: return JCS_RGB;
    case JpegSpec::Color::gray: return JCS_GRAYSCALE;
    default: return JCS_CMYK;
  }
}

int bytes_per_pixel(JpegSpec::Color color) {
  return color == JpegSpec::Color::rgb ? 3 : color == JpegSpec::Color::gray ? 1 : 4;
}

/// Every coefficient alone, one bit at a time.
std::vector<jpeg_scan_info> bitwise_script() {
  std::vector<jpeg_scan_info> script{{1, {0}, 0, 0, 0, 0}};
  for (int coefficient = 1; coefficient < 64; ++coefficient) {
    for (int bit = 10; bit >= 0; --bit) {
      const int previous = bit == 10 ? 0 : bit + 1;
      script.push_back({1, {0}, coefficient, coefficient, previous, bit});
    }
  }
  return script;
}

void configure(jpeg_compress_struct& compressor, const JpegSpec& spec, const std::vector<jpeg_scan_info>& script) {
  compressor.image_width = spec.width;
  compressor.image_height = spec.height;
  compressor.input_components = bytes_per_pixel(spec.color);
  compressor.in_color_space = input_space(spec.color);
  jpeg_set_defaults(&compressor);
  if (spec.color == JpegSpec::Color::ycck) jpeg_set_colorspace(&compressor, JCS_YCCK);
  jpeg_set_quality(&compressor, spec.quality, TRUE);
  if (!spec.subsample) {
    for (int i = 0; i < compressor.num_components; ++i) {
      compressor.comp_info[i].h_samp_factor = compressor.comp_info[i].v_samp_factor = 1;
    }
  }
  compressor.arith_code = spec.arithmetic;
  compressor.restart_interval = spec.restart_interval;
  if (spec.progressive) jpeg_simple_progression(&compressor);
  if (spec.one_scan_per_bit) {
    compressor.scan_info = script.data();
    compressor.num_scans = static_cast<int>(script.size());
  }
}

void put_16(std::vector<std::uint8_t>& out, int value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put(std::vector<std::uint8_t>& out, std::initializer_list<int> bytes) {
  for (const int byte : bytes) out.push_back(static_cast<std::uint8_t>(byte));
}

}  // namespace

std::vector<std::uint8_t> write_jpeg(const JpegSpec& spec) {
  jpeg_compress_struct compressor{};
  jpeg_error_mgr errors{};
  compressor.err = jpeg_std_error(&errors);
  jpeg_create_compress(&compressor);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&compressor, &buffer, &size);
  const std::vector<jpeg_scan_info> script = bitwise_script();
  configure(compressor, spec, script);
  jpeg_start_compress(&compressor, TRUE);
  if (!spec.exif.empty()) {
    jpeg_write_marker(&compressor, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(spec.exif.data()),
                      static_cast<unsigned>(spec.exif.size()));
  }
  const std::size_t stride = static_cast<std::size_t>(spec.width) * bytes_per_pixel(spec.color);
  while (compressor.next_scanline < compressor.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(spec.pixels.data() + compressor.next_scanline * stride);
    jpeg_write_scanlines(&compressor, &row, 1);
  }
  jpeg_finish_compress(&compressor);
  jpeg_destroy_compress(&compressor);
  std::vector<std::uint8_t> file(buffer, buffer + size);
  std::free(buffer);
  return file;
}

std::vector<std::uint8_t> jpeg_header_only(int width, int height, bool progressive, int bits, int components) {
  std::vector<std::uint8_t> file;
  put(file, {0xff, 0xd8, 0xff, 0xdb, 0, 67, 0});
  file.insert(file.end(), 64, 1);
  put(file, {0xff, progressive ? 0xc2 : 0xc0, 0, 8 + 3 * components, bits});
  put_16(file, height);
  put_16(file, width);
  put(file, {components});
  for (int i = 1; i <= components; ++i) put(file, {i, 0x11, 0});
  put(file, {0xff, 0xda, 0, 6 + 2 * components, components});
  for (int i = 1; i <= components; ++i) put(file, {i, 0});
  put(file, {0, progressive ? 0 : 63, 0});
  return file;
}

}  // namespace qeval::test
