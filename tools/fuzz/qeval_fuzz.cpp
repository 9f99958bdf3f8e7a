// Damages files and gives them to their readers, which may refuse them with a message of their own and nothing else.
// Built with sanitizers (tools/build asan-light qeval_fuzz), it also finds reads beyond a block.
//
//   qeval_fuzz [--count N] [--seed S] [--only READER] FOLDER|FILE…
//
// N damaged files per reader (1,000). Exit code 1: a reader threw what no user should see, took more than 5 s of
// processor time or 1 GB. The file is kept, and named; where a reader crashed, it is the last one named.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "tools/fuzz/mutations.h"
#include "tools/fuzz/readers.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

constexpr double most_seconds = 5;
constexpr long most_kilobytes = 1 << 20;
/// Weights of real networks would cost time and find nothing.
constexpr std::uintmax_t largest_seed = 2 << 20;

struct Request {
  std::size_t count = 1000;
  std::uint64_t seed = 1;
  std::string only;
  std::vector<fs::path> places;
};

Request request_of(int argc, char** argv) {
  Request request;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) throw UsageError(word + " needs a value");
      return std::string(argv[++i]);
    };
    if (word == "--count")
      request.count = std::stoul(value());
    else if (word == "--seed")
      request.seed = std::stoull(value());
    else if (word == "--only")
      request.only = value();
    else
      request.places.emplace_back(word);
  }
  if (request.places.empty()) throw UsageError("usage: qeval_fuzz [--count N] [--seed S] [--only READER] FOLDER|FILE…");
  return request;
}

/// In the order of their names, so that a run can be repeated.
std::vector<fs::path> files_at(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const fs::path& place : places) {
    if (!fs::is_directory(place)) {
      files.push_back(place);
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(place))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Seed {
  std::string suffix;
  Bytes bytes;
};

std::vector<Seed> seeds_for(const FuzzedReader& reader, const std::vector<fs::path>& files) {
  std::vector<Seed> seeds;
  for (const fs::path& file : files) {
    const auto& known = reader.suffixes;
    const std::string suffix = file.extension();
    if (std::find(known.begin(), known.end(), suffix) == known.end() || fs::file_size(file) > largest_seed) continue;
    seeds.push_back({suffix, read_regular_file(file).bytes});
  }
  return seeds;
}

long peak_kilobytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

/// What is wrong with how the file was read; empty: nothing. `accepted` counts those that were not refused.
std::string fault_of(const FuzzedReader& reader, const fs::path& file, std::size_t& accepted) {
  const std::clock_t begun = std::clock();
  const long before = peak_kilobytes();
  try {
    reader.read(file);
    ++accepted;
  } catch (const InternalError& error) {
    return std::string("internal error: ") + error.what();
  } catch (const Error&) {
  } catch (const ItemError&) {
  } catch (const std::exception& error) {
    return std::string("an exception that is no message: ") + error.what();
  }
  const double seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  if (seconds > most_seconds) return "it took " + std::to_string(seconds) + " s";
  if (const long grown = peak_kilobytes() - before; grown > most_kilobytes)
    return "it took " + std::to_string(grown >> 10) + " MiB";
  return "";
}

void write_file(const fs::path& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw RunError("cannot write " + path.string());
}

/// Number of faults.
std::size_t fuzz(const FuzzedReader& reader, const std::vector<Seed>& seeds, const Request& request,
                 const fs::path& folder) {
  std::mt19937_64 random(request.seed);
  std::size_t faults = 0, accepted = 0;
  for (std::size_t i = 0; i < request.count; ++i) {
    const Seed &seed = seeds[random() % seeds.size()], &other = seeds[random() % seeds.size()];
    const fs::path file = folder / (std::string(reader.name) + seed.suffix);
    write_file(file, mutated(seed.bytes, other.bytes, random));
    const std::string fault = fault_of(reader, file, accepted);
    if (fault.empty()) continue;
    const fs::path kept = folder / (std::string(reader.name) + std::to_string(++faults) + seed.suffix);
    fs::rename(file, kept);
    std::printf("%s: %s\n", kept.c_str(), fault.c_str());
  }
  std::printf("%-12s %zu seeds, %zu files, %zu read, %zu faults\n", reader.name, seeds.size(), request.count, accepted,
              faults);
  return faults;
}

int run(int argc, char** argv) {
  const Request request = request_of(argc, argv);
  const std::vector<fs::path> files = files_at(request.places);
  std::string pattern = (fs::temp_directory_path() / "qeval-fuzz-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw RunError("cannot make a folder in " + fs::temp_directory_path().string());
  const fs::path folder = pattern;
  std::printf("files lie in %s\n", folder.c_str());
  std::size_t faults = 0, readers = 0;
  for (const FuzzedReader& reader : fuzzed_readers()) {
    if (!request.only.empty() && request.only != reader.name) continue;
    const std::vector<Seed> seeds = seeds_for(reader, files);
    ++readers;
    std::printf("%-12s %s\n", reader.name, seeds.empty() ? "no seeds" : "…");
    std::fflush(stdout);
    faults += seeds.empty() ? 1 : fuzz(reader, seeds, request, folder);
  }
  if (readers == 0) throw UsageError("no reader named " + request.only);
  if (faults == 0) fs::remove_all(folder);
  return faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace qeval

int main(int argc, char** argv) {
  try {
    return qeval::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "qeval_fuzz: %s\n", error.what());
    return 2;
  }
}
