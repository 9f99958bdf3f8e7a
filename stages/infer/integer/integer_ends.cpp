#include "stages/infer/integer/integer_ends.h"

#include <array>

namespace qeval {
namespace {

class Input : public IntegerStep {
 public:
  Input(const Slot& to, const QdqParameters& grid) : to_(to), grid_(grid) {}

  void run(Workspace& workspace) const override {
    std::uint8_t* to = workspace.codes(to_);
    const auto pixels = static_cast<std::size_t>(to_.shape.pixels());
    auto* codes = workspace.scratch<std::uint8_t>(0, pixels);
    const int channels = to_.shape.channels, images = workspace.images();
    for (int image = 0; image < images; ++image)
      for (int channel = 0; channel < channels; ++channel) {
        const auto plane = static_cast<std::size_t>(image * channels + channel);
        write_codes(workspace.input().subspan(plane * pixels, pixels), grid_, codes);
        std::uint8_t* out = to + (static_cast<std::size_t>(channel / lanes * images + image) * pixels) * lanes;
        for (std::size_t p = 0; p < pixels; ++p) out[p * lanes + static_cast<std::size_t>(channel % lanes)] = codes[p];
      }
  }

 private:
  Slot to_;
  QdqParameters grid_;
};

class Logits : public IntegerStep {
 public:
  Logits(const Slot& from, const CodeMeaning& meaning) : from_(from), values_(meaning.reals()) {}

  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    const int channels = from_.shape.channels, images = workspace.images();
    for (int image = 0; image < images; ++image)
      for (int channel = 0; channel < channels; ++channel)
        workspace.logits()[static_cast<std::size_t>(image * channels + channel)] =
            values_[from[(channel / lanes * images + image) * lanes + channel % lanes]];
  }

 private:
  Slot from_;
  std::array<float, 256> values_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_input(const Slot& to, const QdqParameters& grid) {
  return std::make_unique<Input>(to, grid);
}

std::unique_ptr<IntegerStep> make_integer_logits(const Slot& from, const CodeMeaning& meaning) {
  return std::make_unique<Logits>(from, meaning);
}

}  // namespace qeval
