#pragma once
/// What program and executor library were built from. Both must say the same, because objects go from one to the other.
/// Thread-safety: free function.

namespace qeval {

/// The version, a hash of the sources that both are made of, and sanitizers: "0.1.0, sources 5f2c…". Not the compiler:
/// a library may be built elsewhere, for another LibTorch. Lives forever.
const char* build_identity();

}  // namespace qeval
