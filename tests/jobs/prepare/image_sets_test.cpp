// What is remembered of images and when: with a clock and a memory of the test's own.
#include "jobs/prepare/image_sets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "storage/database.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t second_ns = 1'000'000'000;

class ImageSetsTest : public testing::Test {
 protected:
  ImageSetsTest() { spec_.root = dir_.path() / "images"; }

  void write_images(int count) const {
    fs::create_directories(spec_.root / "class0");
    for (int i = 0; i < count; ++i) write(i, "image " + std::to_string(i));
  }
  void write(int image, const std::string& content) const { std::ofstream(path(image), std::ios::binary) << content; }
  fs::path path(int image) const {
    const std::string digits = std::to_string(image);
    return spec_.root / "class0" / (std::string(6 - digits.size(), '0') + digits + ".jpg");
  }
  /// When the last of the images changed.
  std::int64_t newest_ns() const {
    std::int64_t newest = 0;
    for (const auto& entry : fs::recursive_directory_iterator(spec_.root))
      if (const auto state = regular_file_state(entry.path()))
        newest = std::max({newest, state->modified_ns, state->changed_ns});
    return newest;
  }

  fs::path memory_file() const { return dir_.path() / "files.db"; }
  std::vector<RememberedFile> remembered() const { return FileMemory(memory_file()).read_below(spec_.root.string()); }

  /// `at_step`, if there is one, is called before each step, with its number.
  ImageSets image_sets(std::int64_t now_ns, std::function<void(int)> at_step = {}) {
    steps_ = 0;
    memory_ = std::make_unique<FileMemory>(memory_file());
    return ImageSets({}, &stop_,
                     {memory_.get(), [this](const std::string& note) { notes_.push_back(note); },
                      [this, now_ns, at_step] {
                        if (at_step) at_step(steps_);
                        ++steps_;
                        return now_ns;
                      }});
  }
  Manifest found(ImageSets& sets) const {
    Manifest manifest = sets.listed(spec_);
    sets.find_contents(manifest);
    return manifest;
  }
  Manifest found(std::int64_t now_ns) {
    ImageSets sets = image_sets(now_ns);
    return found(sets);
  }

  test::TempDir dir_;
  DatasetSpec spec_;
  StopToken stop_;
  std::unique_ptr<FileMemory> memory_;
  std::vector<std::string> notes_;
  int steps_ = 0;
};

TEST_F(ImageSetsTest, AFileThatMayStillChangeUnseenIsNotRemembered) {
  write_images(3);
  const std::int64_t settled_ns = newest_ns() + 2 * second_ns;
  found(settled_ns - 3 * second_ns);  // files from the future, by a server's clock
  EXPECT_EQ(remembered().size(), 0u);
  ImageSets sets = image_sets(newest_ns());
  found(sets);
  EXPECT_EQ(remembered().size(), 0u);
  found(sets);
  EXPECT_EQ(steps_, 1) << "the process itself knows them";
  found(settled_ns);
  EXPECT_EQ(remembered().size(), 3u);
  found(settled_ns);
  EXPECT_EQ(steps_, 0) << "nothing is read";
}

TEST_F(ImageSetsTest, WhatIsRememberedIsTakenAsLongAsStatSaysTheSame) {
  write_images(2);
  const std::int64_t later_ns = newest_ns() + 60 * second_ns;
  const std::string key = found(later_ns).fingerprint();
  std::vector<RememberedFile> files = remembered();
  for (RememberedFile& file : files) file.sha256.fill(7);
  FileMemory(memory_file()).remember_read(files);
  const Manifest from_memory = found(later_ns);
  EXPECT_EQ(from_memory.entries[0].sha256, files[0].sha256);
  EXPECT_NE(from_memory.fingerprint(), key);

  // Equal bytes with another time are read once more, and are the same images.
  for (int i = 0; i < 2; ++i) fs::last_write_time(path(i), fs::last_write_time(path(i)) - std::chrono::hours(1));
  EXPECT_EQ(found(newest_ns() + 60 * second_ns).fingerprint(), key);
  EXPECT_EQ(steps_, 1);
  EXPECT_EQ(found(newest_ns() + 60 * second_ns).fingerprint(), key);
  EXPECT_EQ(steps_, 0) << "only once";
}

TEST_F(ImageSetsTest, IsRememberedStepByStep) {
  write_images(2500);
  std::vector<std::size_t> before_step;
  ImageSets sets = image_sets(newest_ns() + 60 * second_ns, [&](int) { before_step.push_back(remembered().size()); });
  found(sets);
  EXPECT_EQ(before_step, (std::vector<std::size_t>{0, 1000, 2000}));
  EXPECT_EQ(remembered().size(), 2500u);
}

TEST_F(ImageSetsTest, AnInterruptionKeepsWhatWasRead) {
  write_images(2500);
  const std::int64_t later_ns = newest_ns() + 60 * second_ns;
  ImageSets sets = image_sets(later_ns, [&](int step) {
    if (step == 1) stop_.request(SIGTERM);
  });
  try {
    found(sets);
    ADD_FAILURE() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::terminated);
    EXPECT_EQ(error.what(),
              spec_.root.string() + ": stopped after reading 2000 of 2500 images that are new; they are remembered");
  }
  EXPECT_EQ(remembered().size(), 2000u);
}

TEST_F(ImageSetsTest, AnErrorKeepsTheStepsBeforeIt) {
  write_images(1500);
  ImageSets sets = image_sets(newest_ns() + 60 * second_ns, [&](int step) {
    if (step == 1) write(1200, "another image, and a longer one");
  });
  try {
    found(sets);
    ADD_FAILURE() << "went on";
  } catch (const InputError& error) {
    const std::string said = path(1200).string() + ": changed between two looks at it";
    EXPECT_EQ(std::string(error.what()).substr(0, said.size()), said);
  }
  EXPECT_EQ(remembered().size(), 1000u);
}

TEST_F(ImageSetsTest, AMemoryThatIsDamagedIsToldOfOnceAndNotNeeded) {
  write_images(2500);
  const std::int64_t later_ns = newest_ns() + 60 * second_ns;
  const auto drop_table = [&] {
    Database(memory_file(), Database::Access::read_write).run_script("DROP TABLE read_file");
  };
  const std::string key = found(newest_ns()).fingerprint();

  // A memory that was without its table before it is opened is begun anew.
  drop_table();
  EXPECT_EQ(found(later_ns).fingerprint(), key);
  EXPECT_TRUE(notes_.empty());

  // Between two steps.
  fs::remove(memory_file());
  ImageSets sets = image_sets(later_ns, [&](int step) {
    if (step == 1) drop_table();
  });
  EXPECT_EQ(found(sets).fingerprint(), key);
  EXPECT_EQ(steps_, 3);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_EQ(notes_[0].rfind("what files hold is no longer remembered, they are read every time: ", 0), 0u) << notes_[0];
}

TEST_F(ImageSetsTest, AMemoryThatCannotBeWrittenIsToldOf) {
  write_images(1);
  const std::int64_t later_ns = newest_ns() + 60 * second_ns;
  ImageSets sets = image_sets(later_ns, [&](int) {
    // What a file or a disk without the right to write does; to root, files are never read-only.
    Database(memory_file(), Database::Access::read_write)
        .run_script("CREATE TRIGGER read_only BEFORE INSERT ON read_file BEGIN SELECT RAISE(ABORT, 'read-only'); END");
  });
  EXPECT_EQ(found(sets).entries[0].content, ImageContent::read);
  EXPECT_EQ(notes_.size(), 1u);
  EXPECT_EQ(remembered().size(), 0u);
}

TEST_F(ImageSetsTest, WorksWithoutAMemory) {
  write_images(2);
  const auto tell = [this](const std::string& note) { notes_.push_back(note); };
  ImageSets sets({}, nullptr, {nullptr, tell, [] { return std::int64_t{0}; }});
  EXPECT_EQ(found(sets).fingerprint(), found(newest_ns() + 60 * second_ns).fingerprint());
  EXPECT_TRUE(notes_.empty());
}

}  // namespace
}  // namespace qeval
