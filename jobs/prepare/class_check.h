#pragma once
/// Whether a data set's classes can be the network's, before an image is decoded. Thread-safety: free functions.
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// A class list and a network of different sizes, or a folder that is none of ImageNet's among its classes, give
/// numbers that look real and are not. `preflight`: also judge the folders' names. InputError.
void check_classes(const PreparedVariant& v, bool preflight);

/// Of folders whose numbers are sorted as text; empty if they are not. Right for a network that was trained on folders
/// in this order.
std::string class_order_text(const VariantImages& images);

}  // namespace qeval
