#include "stages/quant/arithmetic/mkl_sqrt.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace qeval {
namespace {

/// The estimate is piecewise linear in the significand: 32 pieces for [1, 2), 32 for [2, 4).
struct Piece {
  std::int32_t start, slope;
};

constexpr Piece pieces[] = {
    {262121, 1001}, {254113, 955}, {246469, 915}, {239154, 877}, {232142, 841}, {225415, 807}, {218957, 775},
    {212753, 747},  {206778, 719}, {201025, 693}, {195479, 669}, {190132, 647}, {184962, 625}, {179962, 603},
    {175135, 585},  {170459, 567}, {165927, 549}, {161539, 533}, {157279, 517}, {153144, 501}, {149133, 487},
    {145235, 473},  {141448, 461}, {137763, 449}, {134175, 437}, {130683, 425}, {127286, 415}, {123966, 403},
    {120735, 393},  {117590, 385}, {114511, 375}, {111514, 367}, {108565, 707}, {102905, 675}, {97500, 647},
    {92324, 619},   {87372, 595},  {82615, 571},  {78049, 549},  {73657, 527},  {69437, 509},  {65371, 491},
    {61445, 473},   {57661, 457},  {54005, 441},  {50474, 427},  {47057, 413},  {43755, 401},  {40551, 389},
    {37443, 377},   {34431, 365},  {31513, 355},  {28675, 345},  {25918, 335},  {23236, 325},  {20632, 317},
    {18098, 309},   {15629, 301},  {13223, 293},  {10878, 285},  {8597, 279},   {6365, 271},   {4192, 265},
    {2070, 259},
};

constexpr std::uint32_t half_bits = 0x3f000000;

/// 1/√x as the instruction VRSQRT14PS estimates it, for normal x > 0. Only the exponent and 15 bits of the significand
/// count, but an exact power of four has its exact result.
float rsqrt14(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const int exponent = static_cast<int>(bits >> 23) - 127;
  const std::uint32_t significand = bits & 0x7fffff;
  const int half = exponent >> 1;  // x = m · 4^half with m in [1, 4)
  const bool odd = exponent & 1;
  const float power = std::ldexp(1.0f, -half);
  if (!odd && significand == 0) return power;
  const Piece& piece = pieces[(odd ? 32 : 0) + (significand >> 18)];
  const auto along = static_cast<std::int32_t>(significand >> 8 & 0x3ff);
  const std::int32_t value = (piece.start * 128 - piece.slope * along) >> 9;
  return std::bit_cast<float>(half_bits + (static_cast<std::uint32_t>(value) << 7)) * power;
}

}  // namespace

float mkl_sqrt(float x) {
  if (!std::isnormal(x) || x < 0) return std::sqrt(x);
  const float inverse = rsqrt14(x);
  const float root = x * inverse;
  return std::fma(0.5f * inverse, std::fma(-root, root, x), root);
}

}  // namespace qeval
