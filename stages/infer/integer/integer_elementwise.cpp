#include "stages/infer/integer/integer_elementwise.h"

#include <utility>

#include "stages/infer/integer/requantize.h"

namespace qeval {
namespace {

std::size_t bytes_of(const Slot& slot, const Workspace& workspace) {
  return slot.shape.bytes() * static_cast<std::size_t>(workspace.images());
}

class Recoding : public IntegerStep {
 public:
  Recoding(const Slot& from, const Slot& to, const CodeMap& map) : from_(from), to_(to), map_(map) {}
  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const std::size_t bytes = bytes_of(to_, workspace);
    for (std::size_t i = 0; i < bytes; ++i) to[i] = map_[from[i]];
  }

 private:
  Slot from_, to_;
  CodeMap map_;
};

class ChannelRecoding : public IntegerStep {
 public:
  ChannelRecoding(const Slot& from, const Slot& to, std::vector<CodeMap> maps)
      : from_(from), to_(to), maps_(std::move(maps)) {
    maps_.resize(static_cast<std::size_t>(to.shape.quads()) * lanes);
  }
  void run(Workspace& workspace) const override {
    const std::uint8_t* from = workspace.codes(from_);
    std::uint8_t* to = workspace.codes(to_);
    const std::size_t plane =
        static_cast<std::size_t>(workspace.images()) * static_cast<std::size_t>(to_.shape.pixels());
    const CodeMap* quad = maps_.data();
    for (int q = 0; q < to_.shape.quads(); ++q, quad += lanes)
      for (std::size_t pixel = 0; pixel < plane; ++pixel, from += lanes, to += lanes)
        for (int lane = 0; lane < lanes; ++lane) to[lane] = quad[lane][from[lane]];
  }

 private:
  Slot from_, to_;
  std::vector<CodeMap> maps_;  ///< of every lane
};

class Sum : public IntegerStep {
 public:
  explicit Sum(const IntegerSum& sum) : sum_(sum) {}
  void run(Workspace& workspace) const override {
    Requantizer(sum_.grid, sum_.limits)
        .add(workspace.codes(sum_.a), sum_.a_meaning, workspace.codes(sum_.b), sum_.b_meaning,
             bytes_of(sum_.to, workspace), workspace.codes(sum_.to));
  }

 private:
  IntegerSum sum_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_recoding(const Slot& from, const Slot& to, const CodeMap& map) {
  return std::make_unique<Recoding>(from, to, map);
}

std::unique_ptr<IntegerStep> make_channel_recoding(const Slot& from, const Slot& to, std::vector<CodeMap> maps) {
  return std::make_unique<ChannelRecoding>(from, to, std::move(maps));
}

std::unique_ptr<IntegerStep> make_integer_sum(const IntegerSum& sum) { return std::make_unique<Sum>(sum); }

}  // namespace qeval
