#include "stages/image/jpeg_session.h"

#include <jerror.h>

#define QEVAL_TEXT_OF(token) #token
#define QEVAL_TEXT(macro) QEVAL_TEXT_OF(macro)

namespace qeval {

const char* jpeg_library() { return "libjpeg-turbo " QEVAL_TEXT(LIBJPEG_TURBO_VERSION); }

namespace {

const char* kind_of(int libjpeg_code) {
  switch (libjpeg_code) {
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW: return "too_large";
    case JERR_NO_BACKING_STORE: return "out_of_memory";
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: return "unsupported";
    default: return "corrupt";
  }
}

void do_nothing(j_decompress_ptr) {}
void no_output(j_common_ptr) {}
/// Suspends: libjpeg stops instead of inventing the missing end, which is what makes truncation visible.
boolean no_more_input(j_decompress_ptr) { return FALSE; }

}  // namespace

JpegSession::JpegSession(std::span<const std::uint8_t> file, const JpegLimits& limits) : limits_(limits) {
  install_callbacks();
  install_source(file);
}

JpegSession::~JpegSession() {
  if (created_) jpeg_destroy_decompress(&decompressor_);
}

void JpegSession::install_callbacks() {
  decompressor_.err = jpeg_std_error(&errors_);
  decompressor_.client_data = this;
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  errors_.output_message = no_output;
  progress_.progress_monitor = on_progress;
}

void JpegSession::install_source(std::span<const std::uint8_t> file) {
  source_.next_input_byte = file.data();
  source_.bytes_in_buffer = file.size();
  source_.init_source = do_nothing;
  source_.term_source = do_nothing;
  source_.fill_input_buffer = no_more_input;
  source_.skip_input_data = on_skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
}

void JpegSession::on_skip(j_decompress_ptr decompressor, long byte_count) {
  jpeg_source_mgr& source = *decompressor->src;
  if (byte_count <= 0) return;
  const auto wanted = static_cast<std::size_t>(byte_count);
  const std::size_t skipped = wanted < source.bytes_in_buffer ? wanted : source.bytes_in_buffer;
  source.next_input_byte += skipped;
  source.bytes_in_buffer -= skipped;
}

void JpegSession::on_message(j_common_ptr common, int level) {
  if (level < 0) ++common->err->num_warnings;
}

void JpegSession::on_error(j_common_ptr common) {
  JpegSession& session = of(common);
  common->err->format_message(common, session.failure_message_);
  session.fail(kind_of(common->err->msg_code));
}

void JpegSession::on_progress(j_common_ptr common) {
  JpegSession& session = of(common);
  if (session.decompressor_.input_scan_number > session.scans_counted_) session.count_scan();
}

/// libjpeg reports progress between a scan's header and its first row, so a scan is counted before it costs anything.
void JpegSession::count_scan() {
  scans_counted_ = decompressor_.input_scan_number;
  if (scans_counted_ > limits_.max_scans) {
    std::snprintf(failure_message_, sizeof failure_message_, "more than %d scans", limits_.max_scans);
    fail("too_many_scans");
  }
  blocks_ += std::int64_t{decompressor_.MCUs_per_row} * decompressor_.MCU_rows_in_scan * decompressor_.blocks_in_MCU;
  if (blocks_ > limits_.max_blocks) {
    std::snprintf(failure_message_, sizeof failure_message_,
                  "its scans go through more than %lld blocks of 8x8 samples; save it with fewer scans",
                  static_cast<long long>(limits_.max_blocks));
    fail("too_slow");
  }
}

bool JpegSession::machine_lacks_memory() const { return errors_.msg_code == JERR_OUT_OF_MEMORY; }

void JpegSession::fail(const char* kind) {
  failure_kind_ = kind;
  std::longjmp(escape_, 1);
}

JpegSession::Step JpegSession::read_header() {
  if (setjmp(escape_)) return Step::failed;
  jpeg_create_decompress(&decompressor_);
  created_ = true;
  decompressor_.src = &source_;
  decompressor_.progress = &progress_;
  decompressor_.mem->max_memory_to_use = static_cast<long>(limits_.max_memory_bytes);
  int status = JPEG_SUSPENDED;
  do {
    status = jpeg_read_header(&decompressor_, FALSE);
  } while (status == JPEG_HEADER_TABLES_ONLY);
  return status == JPEG_SUSPENDED ? Step::suspended : Step::done;
}

void JpegSession::choose_output_space() {
  switch (decompressor_.num_components) {
    case 1: decompressor_.out_color_space = JCS_GRAYSCALE; break;
    case 3: decompressor_.out_color_space = JCS_RGB; break;
    default: decompressor_.out_color_space = JCS_CMYK; break;
  }
}

JpegSession::Step JpegSession::start() {
  if (setjmp(escape_)) return Step::failed;
  choose_output_space();
  return jpeg_start_decompress(&decompressor_) ? Step::done : Step::suspended;
}

JpegSession::Step JpegSession::read_rows(std::uint8_t* pixels, int row_count) {
  if (setjmp(escape_)) return Step::failed;
  const std::size_t stride = static_cast<std::size_t>(decompressor_.output_width) * decompressor_.output_components;
  for (int row = 0; row < row_count; ++row) {
    JSAMPROW target = pixels + row * stride;
    if (jpeg_read_scanlines(&decompressor_, &target, 1) == 0) return Step::suspended;
  }
  return Step::done;
}

JpegSession::Step JpegSession::finish() {
  if (setjmp(escape_)) return Step::failed;
  return jpeg_finish_decompress(&decompressor_) ? Step::done : Step::suspended;
}

}  // namespace qeval
