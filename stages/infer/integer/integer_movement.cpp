#include "stages/infer/integer/integer_movement.h"

#include <cstring>
#include <utility>

namespace qeval {
namespace {

/// Where a channel's codes of an image begin; the next pixel's is `lanes` further.
std::size_t plane_of(const Slot& slot, int images, int image, int channel) {
  const auto pixels = static_cast<std::size_t>(slot.shape.pixels());
  return static_cast<std::size_t>(channel / lanes * images + image) * pixels * lanes +
         static_cast<std::size_t>(channel % lanes);
}

class Flatten : public IntegerStep {
 public:
  Flatten(const Slot& from, const Slot& to) : from_(from), to_(to) {}
  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const int images = workspace.images(), pixels = from_.shape.pixels();
    for (int image = 0; image < images; ++image)
      for (int channel = 0; channel < from_.shape.channels; ++channel) {
        const std::uint8_t* source = from + plane_of(from_, images, image, channel);
        for (int p = 0; p < pixels; ++p) to[plane_of(to_, images, image, channel * pixels + p)] = source[p * lanes];
      }
  }

 private:
  Slot from_, to_;
};

class Subsample : public IntegerStep {
 public:
  Subsample(const Slot& from, const Slot& to, std::uint8_t code) : from_(from), to_(to), code_(code) {}
  void run(Workspace& workspace) const override {
    std::uint8_t* to = workspace.codes(to_);
    const int images = workspace.images(), front = (to_.shape.channels - from_.shape.channels) / 2;
    std::memset(to, code_, to_.shape.bytes() * static_cast<std::size_t>(images));
    const std::uint8_t* from = workspace.codes(from_);
    for (int image = 0; image < images; ++image)
      for (int channel = 0; channel < from_.shape.channels; ++channel)
        copy(from + plane_of(from_, images, image, channel), to + plane_of(to_, images, image, channel + front));
  }

 private:
  void copy(const std::uint8_t* from, std::uint8_t* to) const {
    const int width = to_.shape.width;
    for (int y = 0; y < to_.shape.height; ++y)
      for (int x = 0; x < width; ++x) to[(y * width + x) * lanes] = from[(2 * y * from_.shape.width + 2 * x) * lanes];
  }

  Slot from_, to_;
  std::uint8_t code_;
};

class Pad : public IntegerStep {
 public:
  Pad(const Slot& from, const Slot& to, int top, int left, std::uint8_t code)
      : from_(from), to_(to), top_(top), left_(left), code_(code) {}
  void run(Workspace& workspace) const override {
    std::uint8_t* to = workspace.codes(to_);
    const int planes = from_.shape.quads() * workspace.images();
    std::memset(to, code_, to_.shape.bytes() * static_cast<std::size_t>(workspace.images()));
    const std::uint8_t* from = workspace.codes(from_);
    const std::size_t row_bytes = static_cast<std::size_t>(from_.shape.width) * lanes;
    for (int plane = 0; plane < planes; ++plane)
      for (int y = 0; y < from_.shape.height; ++y) {
        const std::ptrdiff_t source = std::ptrdiff_t{plane} * from_.shape.pixels() + y * from_.shape.width;
        const std::ptrdiff_t target = std::ptrdiff_t{plane} * to_.shape.pixels() + (y + top_) * to_.shape.width + left_;
        std::memcpy(to + target * lanes, from + source * lanes, row_bytes);
      }
  }

 private:
  Slot from_, to_;
  int top_, left_;
  std::uint8_t code_;
};

class Concat : public IntegerStep {
 public:
  Concat(std::vector<Slot> from, const Slot& to) : from_(std::move(from)), to_(to) {}
  void run(Workspace& workspace) const override {
    int first = 0;
    for (const Slot& part : from_) {
      copy(workspace, part, first);
      first += part.shape.channels;
    }
  }

 private:
  void copy(Workspace& workspace, const Slot& part, int first) const {
    const std::uint8_t* from = workspace.codes(part);
    std::uint8_t* to = workspace.codes(to_);
    const int images = workspace.images(), pixels = part.shape.pixels();
    if (first % lanes == 0) {
      // Lanes behind the part's last channel are written, too: the next part comes later and has them.
      std::memcpy(to + plane_of(to_, images, 0, first), from, part.shape.bytes() * static_cast<std::size_t>(images));
      return;
    }
    for (int image = 0; image < images; ++image)
      for (int channel = 0; channel < part.shape.channels; ++channel) {
        const std::uint8_t* source = from + plane_of(part, images, image, channel);
        std::uint8_t* target = to + plane_of(to_, images, image, first + channel);
        for (int p = 0; p < pixels; ++p) target[p * lanes] = source[p * lanes];
      }
  }

  std::vector<Slot> from_;
  Slot to_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_flatten(const Slot& from, const Slot& to) {
  return std::make_unique<Flatten>(from, to);
}

std::unique_ptr<IntegerStep> make_integer_subsample(const Slot& from, const Slot& to, std::uint8_t code) {
  return std::make_unique<Subsample>(from, to, code);
}

std::unique_ptr<IntegerStep> make_integer_pad(const Slot& from, const Slot& to, int top, int left, std::uint8_t code) {
  return std::make_unique<Pad>(from, to, top, left, code);
}

std::unique_ptr<IntegerStep> make_integer_concat(std::vector<Slot> from, const Slot& to) {
  return std::make_unique<Concat>(std::move(from), to);
}

}  // namespace qeval
