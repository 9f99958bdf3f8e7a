#pragma once
/// numpy.power(x, 1/3) of f32 arrays on a processor with AVX-512, where numpy takes Intel's SVML: 2^(log2 x / 3) from a
/// table of sixteen powers of two rounded to f32, and a cubic. Every fourth result is not the f32 nearest to the root.
/// AIMET 2.42 computes the scales of depthwise triples with it.
///
/// Found by looking at results: the cubic's coefficients are those that reproduce numpy's powers of two. Equal to
/// numpy 2.4 in all but 10 to 30 of a million numbers, and there one unit in the last place off. (Without AVX-512 numpy
/// takes powf.) Thread-safety: free function.

namespace qeval {

/// Anything but normal numbers > 0 as powf.
float numpy_cube_root(float x);

}  // namespace qeval
