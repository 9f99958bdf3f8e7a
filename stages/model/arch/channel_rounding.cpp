#include "stages/model/arch/channel_rounding.h"

#include <algorithm>

namespace qeval {

int rounded_channels(double channels, int divisor) {
  const int rounded = std::max(divisor, static_cast<int>(channels + divisor / 2.0) / divisor * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}

}  // namespace qeval
