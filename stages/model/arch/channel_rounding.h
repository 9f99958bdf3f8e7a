#pragma once
/// How families scale channel counts.

namespace qeval {

/// The multiple of `divisor` nearest to `channels`, at least one of them, never more than 10 % below `channels`
/// (torchvision's _make_divisible, MNASNet's _round_to_multiple_of, TensorFlow's round_filters).
int rounded_channels(double channels, int divisor);

}  // namespace qeval
