// Weights of jobs with several variants: one opening, and the bytes that were hashed in all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include <sys/inotify.h>
#include <unistd.h>

#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "tests/jobs/run/job_folder.h"

namespace qeval {
namespace {

using test::JobFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

/// How often a file was opened and closed since this object was made.
class OpeningCount {
 public:
  explicit OpeningCount(const std::filesystem::path& file) : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(::inotify_add_watch(fd_, file.c_str(), IN_OPEN | IN_CLOSE), 0);
  }
  ~OpeningCount() { ::close(fd_); }
  OpeningCount(const OpeningCount&) = delete;
  OpeningCount& operator=(const OpeningCount&) = delete;

  int count() {
    alignas(inotify_event) std::array<char, 1 << 16> buffer;
    for (ssize_t got = 0; (got = ::read(fd_, buffer.data(), buffer.size())) > 0;)
      for (ssize_t at = 0; at < got;) {
        const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        if (event->mask & IN_OPEN) ++opened_;
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    return opened_;
  }

 private:
  int fd_, opened_ = 0;
};

/// Of four variants, three of which fold and quantize the network, each in its own way.
class VariantsOfOneFile : public testing::Test {
 protected:
  VariantsOfOneFile() {
    for (const char* mode : {"aimet-torch-2", "aimet-onnx-2"})
      job_.quantization += std::string("  ") + mode + ": {quantization: {mode: " + mode +
                           ", scheme: tf, encodings: {calibrate: {samples: {first: 8}}}}}\n";
  }

  std::filesystem::path weights() const { return job_.path() / "net.safetensors"; }

  void write_others(const std::filesystem::path& file) const {
    write_safetensors(random_weights("resnet20", {{"num_classes", "2"}, {"input_size", "8"}}, 2), file);
  }

  /// What every run says its weights are.
  std::set<std::string> hashes_of_weights() const {
    std::set<std::string> found;
    for (const RunRecord& run : job_.runs()) found.insert(run.key_components.at("weights_sha256"));
    return found;
  }

  /// Calls `change` while the first variant is evaluated.
  void change_meanwhile(const std::function<void()>& change) {
    job_.executors.before = [change, once = std::make_shared<std::once_flag>()](const std::string& work) {
      if (work == "infer") std::call_once(*once, change);
    };
  }

  JobFolder job_;
};

TEST_F(VariantsOfOneFile, OpenItOnce) {
  OpeningCount opened(weights());
  EXPECT_THAT(job_.run().variants, SizeIs(4));
  EXPECT_EQ(opened.count(), 1);
}

TEST_F(VariantsOfOneFile, ComputeWithTheBytesThatWereHashedWhateverReplacesIt) {
  job_.run();
  const auto reference = job_.hashes();
  const auto hashed = hashes_of_weights();
  ASSERT_THAT(hashed, SizeIs(1));
  std::filesystem::remove(job_.database());

  change_meanwhile([&] { std::filesystem::remove(weights()); });
  EXPECT_THAT(job_.run().variants, SizeIs(4));
  EXPECT_EQ(job_.hashes(), reference);
  std::filesystem::remove(job_.database());

  write_safetensors(random_weights("resnet20", {{"num_classes", "2"}, {"input_size", "8"}}, 1), weights(),
                    {{random_weights_mark, "seed 1"}});
  change_meanwhile([&] { write_others(weights()); });  // by rename
  EXPECT_THAT(job_.run().variants, SizeIs(4));
  EXPECT_EQ(job_.hashes(), reference);
  EXPECT_EQ(hashes_of_weights(), hashed);

  // They were others indeed.
  std::filesystem::remove(job_.database());
  job_.run();
  EXPECT_NE(job_.hashes().at("w8a8"), reference.at("w8a8"));
}

TEST_F(VariantsOfOneFile, AreNotRunWithBytesThatWereWrittenOverIt) {
  const auto other = job_.path() / "other.safetensors";
  write_others(other);
  change_meanwhile([&] {
    std::fstream(weights(), std::ios::in | std::ios::out | std::ios::binary) << std::ifstream(other).rdbuf();
  });
  try {
    job_.run();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::input);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("job.yaml:3:34: error: variant 'w8a8': model.weights: " + weights().string() +
                                ": has changed since the job was checked; start the job again"),
                      HasSubstr("variant 'w8a8' was not run")));
  }
  EXPECT_THAT(job_.hashes(), SizeIs(1)) << "what was computed before stays";
}

}  // namespace
}  // namespace qeval
