#include "storage/run_names.h"

#include <array>
#include <random>
#include <string_view>

namespace qeval {

namespace {

constexpr std::array<std::string_view, 48> adjectives{
    "amber", "apt",   "bold",  "brave",  "brisk", "calm",  "clear", "clever", "cool",   "crisp", "deft",  "eager",
    "early", "fair",  "fine",  "fleet",  "fond",  "frank", "fresh", "gentle", "glad",   "grand", "happy", "hardy",
    "keen",  "kind",  "light", "lively", "loyal", "lucid", "merry", "mild",   "neat",   "noble", "plain", "proud",
    "quick", "quiet", "rapid", "ready",  "sharp", "sleek", "smart", "solid",  "steady", "swift", "warm",  "wise"};

constexpr std::array<std::string_view, 48> animals{
    "badger", "beaver", "bison", "crane", "curlew", "deer", "dove",  "duck",  "eagle", "egret",  "falcon", "ferret",
    "finch",  "fox",    "gecko", "goose", "hare",   "hawk", "heron", "horse", "ibis",  "jay",    "kite",   "lark",
    "lemur",  "lion",   "llama", "lynx",  "marten", "mole", "moose", "newt",  "otter", "owl",    "panda",  "plover",
    "puffin", "raven",  "robin", "seal",  "stork",  "swan", "tapir", "tern",  "trout", "turtle", "wren",   "zebra"};

}  // namespace

std::string fresh_run_name(const std::function<bool(const std::string&)>& is_taken) {
  std::random_device random;
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (std::size_t numbers = 90;; numbers *= 2) {
    std::string name(adjectives[below(adjectives.size())]);
    name.append("-").append(animals[below(animals.size())]);
    name.append("-").append(std::to_string(10 + below(numbers)));
    if (!is_taken(name)) return name;
  }
}

}  // namespace qeval
