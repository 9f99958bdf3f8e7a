#include "stages/model/weights/state_dict_names.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

using Tensors = std::map<std::string, Tensor>;

bool is_counter(const std::string& name) {
  const std::string last = name.substr(name.rfind('.') + 1);
  return last == "num_batches_tracked" || last == "total_ops" || last == "total_params" || last == "n_averaged";
}

void add_remark(FittedNames& fitted, std::size_t count, const std::string& what) {
  if (count > 0) fitted.remark += (fitted.remark.empty() ? "" : "; ") + what + ": " + std::to_string(count);
}

void leave_out_counters(const std::set<std::string>& expected, FittedNames& fitted) {
  const std::size_t count = std::erase_if(
      fitted.tensors, [&](const auto& entry) { return is_counter(entry.first) && expected.count(entry.first) == 0; });
  add_remark(fitted, count, "counters left out");
}

/// The network as an attribute of what trained it, perhaps of several one inside the other.
void remove_common_prefixes(const std::set<std::string>& expected, FittedNames& fitted) {
  const auto has = [&](const std::string& prefix) {
    return !fitted.tensors.empty() && std::all_of(fitted.tensors.begin(), fitted.tensors.end(), [&](const auto& entry) {
      return entry.first.starts_with(prefix) && expected.count(entry.first) == 0;
    });
  };
  std::string removed;
  for (bool again = true; again;) {
    again = false;
    for (const std::string prefix : {"module.", "_orig_mod.", "model."}) {
      if (!has(prefix)) continue;
      Tensors shorter;
      for (auto& [name, tensor] : fitted.tensors) shorter.emplace(name.substr(prefix.size()), std::move(tensor));
      fitted.tensors = std::move(shorter);
      removed += prefix;
      again = true;
    }
  }
  if (!removed.empty()) add_remark(fitted, fitted.tensors.size(), "names without their prefix \"" + removed + "\"");
}

/// The prefixes behind which many of the architecture's names stand; none where one stands without any.
std::vector<std::string> network_prefixes(const Tensors& tensors, const std::set<std::string>& expected) {
  std::map<std::string, std::size_t> counts;
  for (const auto& entry : tensors) {
    const std::string& name = entry.first;
    if (expected.count(name) != 0) return {};
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
      if (expected.count(name.substr(dot + 1)) != 0) ++counts[name.substr(0, dot + 1)];
  }
  std::vector<std::string> prefixes;
  for (const auto& [prefix, count] : counts)
    if (count >= 2 && 4 * count >= expected.size()) prefixes.push_back(prefix);  // `expected` has biases of all layers
  return prefixes;
}

/// The network as one attribute among others: a loss with weights, a metric.
void take_attribute(const std::set<std::string>& expected, FittedNames& fitted) {
  const std::vector<std::string> prefixes = network_prefixes(fitted.tensors, expected);
  if (prefixes.empty()) return;
  if (prefixes.size() > 1) {
    std::string names;
    for (const std::string& prefix : prefixes) names += (names.empty() ? "'" : ", '") + visible_name(prefix) + "'";
    throw InputError("the weights hold several networks, under " + names + "; save the state dict of one of them");
  }
  Tensors taken;
  for (auto& [name, tensor] : fitted.tensors)
    if (name.starts_with(prefixes.front())) taken.emplace(name.substr(prefixes.front().size()), std::move(tensor));
  const std::size_t left_out = fitted.tensors.size() - taken.size();
  fitted.tensors = std::move(taken);
  add_remark(fitted, fitted.tensors.size(), "names without their prefix \"" + visible_name(prefixes.front()) + "\"");
  add_remark(fitted, left_out, "tensors without it left out");
}

std::string without_inner_module(const std::string& name) {
  std::string text = name;
  for (std::size_t at; (at = text.find(".module.")) != std::string::npos;) text.erase(at, 7);
  return text;
}

/// "denselayer1.norm.1.weight" → "denselayer1.norm1.weight"
std::string without_dot_before_number(const std::string& name) {
  std::string text = name;
  for (const std::string part : {".norm.", ".relu.", ".conv."})
    if (const std::size_t at = text.find(part); at != std::string::npos && at + part.size() < text.size())
      if (const char digit = text[at + part.size()]; digit == '1' || digit == '2') text.erase(at + part.size() - 1, 1);
  return text;
}

/// Only where it makes a name of the architecture out of one that is none.
void rename(const std::set<std::string>& expected, const std::function<std::string(const std::string&)>& other_name,
            const std::string& what, FittedNames& fitted) {
  Tensors renamed;
  std::size_t count = 0;
  for (auto& [name, tensor] : fitted.tensors) {
    const std::string other = expected.count(name) != 0 ? name : other_name(name);
    const bool changes = other != name && expected.count(other) != 0;
    count += changes;
    if (!renamed.emplace(changes ? other : name, std::move(tensor)).second)
      throw InputError("the weights have two tensors for " + visible_name(other) + ", one of them as " +
                       visible_name(name) + "; save the state dict of one network");
  }
  fitted.tensors = std::move(renamed);
  add_remark(fitted, count, what);
}

}  // namespace

FittedNames fit_names(const std::map<std::string, Tensor>& given, const std::set<std::string>& expected) {
  FittedNames fitted{given, ""};
  leave_out_counters(expected, fitted);
  remove_common_prefixes(expected, fitted);
  take_attribute(expected, fitted);
  rename(expected, without_inner_module, "names without \"module.\" inside them", fitted);
  rename(expected, without_dot_before_number, "names without the dot before their number", fitted);
  return fitted;
}

}  // namespace qeval
