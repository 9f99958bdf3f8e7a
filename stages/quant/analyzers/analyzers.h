#pragma once
/// The observers behind make_observer, one source file each.
#include <memory>

#include "stages/quant/observer.h"

namespace qeval {

std::unique_ptr<Observer> make_tf_1_24();
std::unique_ptr<Observer> make_tf_enhanced_1_24();
std::unique_ptr<Observer> make_tf_torch_2();
std::unique_ptr<Observer> make_tf_enhanced_torch_2();

}  // namespace qeval
