#include "stages/infer/integer/integer_selection.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace qeval {
namespace {

class SelectionStep : public IntegerStep {
 public:
  SelectionStep(const Slot& from, const Slot& to, Selection selection) : from_(from), to_(to) {
    for (const int row : selection.rows)
      for (const int column : selection.columns) pixels_.push_back(row * from.shape.width + column);
    channels_ = std::move(selection.channels);
    for (int p = 0; p < from.shape.pixels(); ++p) all_pixels_ = all_pixels_ && is_at(pixels_, p, p);
    all_pixels_ = all_pixels_ && from.shape.pixels() == to.shape.pixels();
  }

  void run(Workspace& workspace) const override {
    const auto images = static_cast<std::size_t>(workspace.images());
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const std::size_t from_plane = images * static_cast<std::size_t>(from_.shape.pixels()) * lanes;
    const std::size_t to_plane = images * static_cast<std::size_t>(to_.shape.pixels()) * lanes;
    for (int quad = 0; quad < to_.shape.quads(); ++quad, to += to_plane) {
      const int first = channels_[static_cast<std::size_t>(quad) * lanes];
      if (all_pixels_ && is_whole_quad(quad)) {
        std::memcpy(to, from + static_cast<std::size_t>(first / lanes) * from_plane, to_plane);
        continue;
      }
      const int used = std::min(lanes, to_.shape.channels - quad * lanes);
      for (int lane = 0; lane < used; ++lane) {
        const int channel = channels_[static_cast<std::size_t>(quad) * lanes + static_cast<std::size_t>(lane)];
        copy_channel(from + static_cast<std::size_t>(channel / lanes) * from_plane + channel % lanes, to + lane,
                     images);
      }
    }
  }

 private:
  static bool is_at(const std::vector<int>& list, int position, int value) {
    return static_cast<std::size_t>(position) < list.size() && list[static_cast<std::size_t>(position)] == value;
  }

  /// Its channels are those of one quad, in the same lanes.
  bool is_whole_quad(int quad) const {
    const int first = channels_[static_cast<std::size_t>(quad) * lanes];
    const int used = std::min(lanes, to_.shape.channels - quad * lanes);
    bool same = first % lanes == 0;
    for (int lane = 1; lane < used; ++lane) same = same && is_at(channels_, quad * lanes + lane, first + lane);
    return same;
  }

  void copy_channel(const std::uint8_t* from, std::uint8_t* to, std::size_t images) const {
    for (std::size_t image = 0; image < images; ++image, from += from_.shape.pixels() * lanes)
      for (const int pixel : pixels_) {
        *to = from[pixel * lanes];
        to += lanes;
      }
  }

  Slot from_, to_;
  std::vector<int> channels_, pixels_;
  bool all_pixels_ = true;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_selection(const Slot& from, const Slot& to, Selection selection) {
  return std::make_unique<SelectionStep>(from, to, std::move(selection));
}

}  // namespace qeval
