#pragma once
/// A device that is not this CPU, for tests: ATen's PrivateUse1 with memory of its own, which the host cannot touch,
/// and with the CPU's arithmetic, hence its bits.
///
/// A tensor's address is one of pages that nobody may read or write: touching it ends the process with SIGSEGV. Its
/// values lie elsewhere, and only the back end's copies and kernels find them. Every operator is the CPU's on those
/// values, with their strides. c10::Error for an operator that gets tensors of both sides (a number that ATen made a
/// tensor of is no tensor) and for memory that this device did not allocate.
/// Thread-safety: any thread.
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace qeval::test {

/// The back end registers itself when the program starts.
inline const at::Device far_device{at::kPrivateUse1, 0};

/// How often the back end has run an operator or a copy: to show that a test was there at all.
std::size_t far_calls();

}  // namespace qeval::test
