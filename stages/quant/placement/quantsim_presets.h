#pragma once
/// AIMET's shipped QuantSim configurations, as tables of our own: the defaults of 1.24 and 2.42, per tensor and per
/// channel, and the HTP family, which ships with 2.x alone. Thread-safety: built once, then read only.
#include <string>
#include <string_view>
#include <vector>

#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/placement/quantsim_settings.h"

namespace qeval {

/// Null if there is none of that name. "default_per_tensor" and "default_per_channel" are those of the mode's AIMET
/// generation; "default" is the one that it takes where none is named: per channel since 2.x.
const QuantsimSettings* find_quantsim_preset(std::string_view name, NumericsMode mode);

/// In the order in which a user should see them.
std::vector<std::string> quantsim_preset_names();

}  // namespace qeval
