#pragma once
/// The keys under which training scripts keep the weights that are meant, in the order in which they are looked for.
/// Immutable.

namespace qeval {

inline constexpr const char* usual_state_dict_keys[] = {"state_dict", "model_state_dict", "model", "net", "weights"};

}  // namespace qeval
