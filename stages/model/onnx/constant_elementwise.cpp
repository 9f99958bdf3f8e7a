// Functions of single constants and of pairs, Cast.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "stages/model/onnx/constant_folding.h"

namespace qeval {
namespace {

using Whole = std::int64_t;

OnnxConstant of_floats(const OnnxNode& node, std::vector<std::int64_t> shape, std::vector<float> values) {
  for (const float value : values) node.require(!std::isnan(value), "it makes a constant that is not a number (NaN)");
  OnnxConstant made;
  made.floats = Tensor(shape, std::move(values));
  made.shape = std::move(shape);
  return made;
}

OnnxConstant of_integers(std::vector<std::int64_t> shape, std::vector<Whole> values) {
  OnnxConstant made;
  made.shape = std::move(shape);
  made.integers = std::move(values);
  return made;
}

/// Of two lists of one type, f(a, b) of each pair.
template <class Result, class Values, class Function>
std::vector<Result> of_pairs(const Values& a, const RepeatedPlace& place_a, const Values& b,
                             const RepeatedPlace& place_b, std::size_t count, const Function& f) {
  std::vector<Result> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Result>(f(a[place_a(i)], b[place_b(i)]));
  return values;
}

/// The result is of the operands' type, or a truth value.
template <bool comparison, class Function>
OnnxConstant combined(const OnnxNode& node, const OnnxConstant& a, const OnnxConstant& b, const Function& f) {
  node.require(a.is_float() == b.is_float(), "one of its constants is of floats, the other of whole numbers");
  const std::vector<std::int64_t> shape = joint_shape(node, a.shape, b.shape);
  const auto count = static_cast<std::size_t>(constant_count(node, shape));
  const RepeatedPlace place_a(a.shape, shape), place_b(b.shape, shape);
  if (!a.is_float())
    return of_integers(shape, of_pairs<Whole>(a.integers.list(), place_a, b.integers.list(), place_b, count, f));
  const auto x = a.floats.values(), y = b.floats.values();
  if constexpr (comparison)
    return of_integers(shape, of_pairs<Whole>(x, place_a, y, place_b, count, f));
  else
    return of_floats(node, shape, of_pairs<float>(x, place_a, y, place_b, count, f));
}

/// Of any number of operands: the first with the second, that with the third and so on.
template <class Function>
ConstantFolding arithmetic(Function f) {
  return [f](const OnnxNode& node) {
    OnnxConstant result = node.constant(0);
    for (std::size_t i = 0; i < node.operand_count(); ++i) refuse_batch(node, node.constant(i));
    for (std::size_t i = 1; i < node.operand_count(); ++i)
      result = combined<false>(node, result, node.constant(i), [&](auto a, auto b) { return f(node, a, b); });
    return std::vector{std::move(result)};
  };
}

template <class Function>
ConstantFolding comparison(Function f) {
  return [f](const OnnxNode& node) { return std::vector{combined<true>(node, node.constant(0), node.constant(1), f)}; };
}

/// And, Or, Xor, Not: of truth values.
template <class Function>
ConstantFolding logic(Function f) {
  return [f](const OnnxNode& node) {
    for (std::size_t i = 0; i < node.operand_count(); ++i)
      node.require(!node.constant(i).is_float(), "it is of truth values, not of floats");
    const OnnxConstant& second = node.constant(node.operand_count() - 1);
    return std::vector{
        combined<true>(node, node.constant(0), second, [&](auto a, auto b) { return f(a != 0, b != 0); })};
  };
}

template <class Function>
ConstantFolding of_each(Function f) {
  return [f](const OnnxNode& node) {
    const OnnxConstant& x = node.constant(0);
    refuse_batch(node, x);
    const auto mapped = [&](const auto& source) {
      std::vector<std::remove_cvref_t<decltype(source[0])>> values(source.begin(), source.end());
      for (auto& value : values) value = f(value);
      return values;
    };
    if (x.is_float()) return std::vector{of_floats(node, x.shape, mapped(x.floats.values()))};
    return std::vector{of_integers(x.shape, mapped(x.integers.list()))};
  };
}

ConstantFolding of_each_float(float (*f)(float)) {
  return [f](const OnnxNode& node) {
    const OnnxConstant& x = node.constant(0);
    node.require(x.is_float(), "its constant must be of floats");
    std::vector<float> values(x.floats.values().begin(), x.floats.values().end());
    for (float& value : values) value = f(value);
    return std::vector{of_floats(node, x.shape, std::move(values))};
  };
}

/// Whole numbers wrap as the machine's do.
Whole sum(Whole a, Whole b) {
  return static_cast<Whole>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
Whole difference(Whole a, Whole b) {
  return static_cast<Whole>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
Whole product(Whole a, Whole b) {
  return static_cast<Whole>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
float sum(float a, float b) { return a + b; }
float difference(float a, float b) { return a - b; }
float product(float a, float b) { return a * b; }

void require_divisor(const OnnxNode& node, Whole a, Whole b) {
  node.require(b != 0, "it divides by zero");
  node.require(b != -1 || a != std::numeric_limits<Whole>::min(), "its quotient is out of range");
}

Whole quotient(const OnnxNode& node, Whole a, Whole b) {
  require_divisor(node, a, b);
  return a / b;
}
float quotient(const OnnxNode& node, float a, float b) {
  node.require(b != 0, "it divides by zero");
  return a / b;
}

/// The remainder has the divisor's sign, or with fmod the dividend's.
Whole remainder(const OnnxNode& node, Whole a, Whole b) {
  require_divisor(node, a, b);
  const Whole rest = a % b;
  const bool as_divisor = node.integer("fmod", 0, 0, 1) == 0;
  return as_divisor && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
float remainder(const OnnxNode& node, float a, float b) {
  node.require(node.integer("fmod", 0, 0, 1) == 1, "of floats it needs fmod: 1");
  return std::fmod(a, b);
}

template <class T>
T power(const OnnxNode& node, T a, T b) {
  const double result = std::pow(static_cast<double>(a), static_cast<double>(b));
  if constexpr (std::is_same_v<T, Whole>) node.require(std::abs(result) < 9.0e15, "its result is out of range");
  return static_cast<T>(result);
}

/// Exponents may be of another type than the bases.
std::vector<OnnxConstant> fold_powers(const OnnxNode& node) {
  const OnnxConstant &base = node.constant(0), &exponent = node.constant(1);
  if (base.is_float() == exponent.is_float())
    return arithmetic([](const OnnxNode& at, auto a, auto b) { return power(at, a, b); })(node);
  const std::vector<std::int64_t> shape = joint_shape(node, base.shape, exponent.shape);
  const RepeatedPlace place_a(base.shape, shape), place_b(exponent.shape, shape);
  std::vector<float> values(static_cast<std::size_t>(constant_count(node, shape)));
  node.require(base.is_float(), "whole numbers to the power of floats are not supported");
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = power(node, base.floats.values()[place_a(i)], static_cast<float>(exponent.integers[place_b(i)]));
  return {of_floats(node, shape, std::move(values))};
}

/// Types of ONNX are told apart here as floats, truth values and whole numbers, and 8 and 16 bits by their range.
std::vector<OnnxConstant> fold_cast(const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  const auto to = static_cast<int>(node.integer("to", 0, 0, 1000));
  const bool to_float = to == onnx::TensorProto::FLOAT, to_bool = to == onnx::TensorProto::BOOL;
  node.require(to_float || to_bool || to == onnx::TensorProto::INT64 || to == onnx::TensorProto::INT32,
               "only casts to float, int32, int64 and bool are supported");
  if (x.is_float() == to_float && !to_bool) return {x};
  if (to_float) {
    refuse_batch(node, x);
    return {of_floats(node, x.shape, {x.integers.list().begin(), x.integers.list().end()})};
  }
  const auto whole = [&](auto value) {
    if (to_bool) return Whole{value != 0};
    node.require(std::abs(static_cast<double>(value)) < 9.0e15, "its result is out of range");
    return static_cast<Whole>(value);
  };
  std::vector<Whole> values(static_cast<std::size_t>(x.count()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = x.is_float() ? whole(x.floats.values()[i]) : whole(x.integers[i]);
  return {of_integers(x.shape, std::move(values))};
}

ConstantFoldings pair_foldings() {
  const auto plain = [](auto f) { return arithmetic([f](const OnnxNode&, auto a, auto b) { return f(a, b); }); };
  return {{"Add", plain([](auto a, auto b) { return sum(a, b); })},
          {"Sum", plain([](auto a, auto b) { return sum(a, b); })},
          {"Sub", plain([](auto a, auto b) { return difference(a, b); })},
          {"Mul", plain([](auto a, auto b) { return product(a, b); })},
          {"Min", plain([](auto a, auto b) { return std::min(a, b); })},
          {"Max", plain([](auto a, auto b) { return std::max(a, b); })},
          {"Div", arithmetic([](const OnnxNode& node, auto a, auto b) { return quotient(node, a, b); })},
          {"Mod", arithmetic([](const OnnxNode& node, auto a, auto b) { return remainder(node, a, b); })},
          {"Pow", fold_powers},
          {"Equal", comparison([](auto a, auto b) { return a == b; })},
          {"Greater", comparison([](auto a, auto b) { return a > b; })},
          {"GreaterOrEqual", comparison([](auto a, auto b) { return a >= b; })},
          {"Less", comparison([](auto a, auto b) { return a < b; })},
          {"LessOrEqual", comparison([](auto a, auto b) { return a <= b; })},
          {"And", logic([](bool a, bool b) { return a && b; })},
          {"Or", logic([](bool a, bool b) { return a || b; })},
          {"Xor", logic([](bool a, bool b) { return a != b; })},
          {"Not", logic([](bool a, bool) { return !a; })}};
}

}  // namespace

ConstantFoldings elementwise_foldings() {
  ConstantFoldings all = pair_foldings();
  all.merge(ConstantFoldings{{"Cast", fold_cast},
                             {"Neg", of_each([](auto x) { return difference(decltype(x){0}, x); })},
                             {"Abs", of_each([](auto x) { return x < 0 ? difference(decltype(x){0}, x) : x; })},
                             {"Sign", of_each([](auto x) { return static_cast<decltype(x)>((x > 0) - (x < 0)); })},
                             {"Relu", of_each([](auto x) { return std::max(x, decltype(x){0}); })},
                             {"Sqrt", of_each_float([](float x) { return std::sqrt(x); })},
                             {"Reciprocal", of_each_float([](float x) { return 1 / x; })},
                             {"Exp", of_each_float([](float x) { return std::exp(x); })},
                             {"Log", of_each_float([](float x) { return std::log(x); })},
                             {"Erf", of_each_float([](float x) { return std::erf(x); })},
                             {"Tanh", of_each_float([](float x) { return std::tanh(x); })},
                             {"Floor", of_each_float([](float x) { return std::floor(x); })},
                             {"Ceil", of_each_float([](float x) { return std::ceil(x); })},
                             {"Round", of_each_float([](float x) { return std::nearbyint(x); })}});
  return all;
}

}  // namespace qeval
