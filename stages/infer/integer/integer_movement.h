#pragma once
/// Codes that only change their places. Thread-safety: as IntegerStep.
#include "stages/infer/integer/integer_step.h"

namespace qeval {

/// Every pixel of every channel becomes a feature, channel after channel.
std::unique_ptr<IntegerStep> make_integer_flatten(const Slot& from, const Slot& to);

/// CIFAR ResNet's shortcut: every second pixel of every second row; `code` in the channels in front and behind.
std::unique_ptr<IntegerStep> make_integer_subsample(const Slot& from, const Slot& to, std::uint8_t code);

/// `code` around the images: rows above, columns to the left; what is missing of `to` is below and to the right.
std::unique_ptr<IntegerStep> make_integer_pad(const Slot& from, const Slot& to, int top, int left, std::uint8_t code);

/// Channels of one after those of the other.
std::unique_ptr<IntegerStep> make_integer_concat(std::vector<Slot> from, const Slot& to);

}  // namespace qeval
