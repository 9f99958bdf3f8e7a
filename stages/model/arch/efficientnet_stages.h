#pragma once
/// The stages of EfficientNet-B0 (Tan and Le 2019, table 1), which the B and the Lite family scale.
#include <array>

namespace qeval {

struct EfficientNetStage {
  int expansion, kernel, stride, in_channels, out_channels, repeats;
};

inline constexpr std::array<EfficientNetStage, 7> efficient_net_stages{{{1, 3, 1, 32, 16, 1},
                                                                        {6, 3, 2, 16, 24, 2},
                                                                        {6, 5, 2, 24, 40, 2},
                                                                        {6, 3, 2, 40, 80, 3},
                                                                        {6, 5, 1, 80, 112, 3},
                                                                        {6, 5, 2, 112, 192, 4},
                                                                        {6, 3, 1, 192, 320, 1}}};

}  // namespace qeval
