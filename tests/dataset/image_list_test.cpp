#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/dataset/manifest.h"
#include "tests/dataset/sample_files.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ImageList : public testing::Test {
 protected:
  ImageList() {
    write_file(root() / "a.jpg", "1");
    write_file(root() / "sub/b, c.jpg", "22");
    write_file(dir_.path() / "outside.jpg", "333");
  }

  std::filesystem::path root() const { return dir_.path() / "root"; }

  Manifest read(std::string_view csv) const {
    write_file(dir_.path() / "list.csv", csv);
    return read_image_list(dir_.path() / "list.csv", root());
  }

  std::string error_of(std::string_view csv) const {
    return input_error_of([&] { read(csv); });
  }

 private:
  TempDir dir_;
};

TEST_F(ImageList, ReadsPathsAndLabelsInTheListsOrder) {
  const Manifest manifest = read("\"sub/b, c.jpg\",7\na.jpg,0\na.jpg,3\n");
  EXPECT_THAT(names_of(manifest), ElementsAre("sub/b, c.jpg", "a.jpg", "a.jpg"));
  EXPECT_EQ(manifest.entries[0].label, 7);
  EXPECT_EQ(manifest.entries[0].file.bytes, 2);
  EXPECT_EQ(manifest.entries[2].label, 3);
  EXPECT_TRUE(manifest.classes.empty());
}

TEST_F(ImageList, UnderstandsHeadersBomCrLfAndBlankLines) {
  EXPECT_THAT(names_of(read("path,label\na.jpg,1\n")), ElementsAre("a.jpg"));
  const Manifest manifest = read("\xef\xbb\xbfname,label,path\r\n\r\nignored,5,./sub/../a.jpg\r\n");
  EXPECT_THAT(names_of(manifest), ElementsAre("a.jpg"));
  EXPECT_EQ(manifest.entries[0].label, 5);
}

TEST_F(ImageList, NamesFileAndLineOfEveryMistake) {
  EXPECT_THAT(error_of("a.jpg,0\na.jpg\n"), AllOf(HasSubstr("list.csv:2: "), HasSubstr("label")));
  EXPECT_THAT(error_of("path,label\n\na.jpg,cat\n"), AllOf(HasSubstr("list.csv:3: "), HasSubstr("\"cat\"")));
  EXPECT_THAT(error_of("a.jpg,-1\n"), HasSubstr("non-negative"));
  EXPECT_THAT(error_of("a.jpg,99999999999\n"), HasSubstr("non-negative"));
  EXPECT_THAT(error_of("a.jpg,1.5\n"), HasSubstr("non-negative"));
  EXPECT_THAT(error_of("gone.jpg,1\n"), AllOf(HasSubstr("list.csv:1: "), HasSubstr("gone.jpg is not a file")));
  EXPECT_THAT(error_of("sub,1\n"), HasSubstr("is not a file"));
  EXPECT_THAT(error_of(",1\n"), HasSubstr("empty"));
  EXPECT_THAT(error_of("path,class\na.jpg,1\n"), HasSubstr("no column \"label\""));
  EXPECT_THAT(error_of("path,label\n"), HasSubstr("lists no image"));
}

TEST_F(ImageList, SaysWhichColumnsAHeaderHasAndWhichAreWanted) {
  const std::string wanted = "; wanted: path,label";
  EXPECT_THAT(error_of("path,class\na.jpg,1\n"),
              HasSubstr("list.csv:1: the header has no column \"label\"; columns found: \"path\", \"class\"" + wanted));
  EXPECT_THAT(
      error_of("\n\nfilename,label\na.jpg,1\n"),
      HasSubstr("list.csv:3: the header has no column \"path\"; columns found: \"filename\", \"label\"" + wanted));
  EXPECT_THAT(error_of("path,lable\na.jpg,1\n"), HasSubstr("; did you mean 'label' by \"lable\"?"));
  EXPECT_THAT(error_of("file,class\na.jpg,1\n"),
              HasSubstr("list.csv:1: the first line is neither a header that names path and label nor a path and a "
                        "label; columns found: \"file\", \"class\"" +
                        wanted));
  EXPECT_THAT(error_of("Path,Label\na.jpg,1\n"),
              AllOf(HasSubstr("columns found: \"Path\", \"Label\""), HasSubstr("did you mean 'path' by \"Path\"?"),
                    HasSubstr("did you mean 'label' by \"Label\"?")));
  EXPECT_THAT(error_of("images\na.jpg,1\n"), HasSubstr("columns found: \"images\"" + wanted));
  EXPECT_THAT(error_of("path,label,path\n"), HasSubstr("list.csv:1: the header names the column \"path\" twice"));
}

TEST_F(ImageList, NamesSeparatorsThatAreNoCommas) {
  EXPECT_THAT(error_of("path;label\na.jpg;1\n"), AllOf(HasSubstr("list.csv:1: "), HasSubstr("not by semicolons")));
  EXPECT_THAT(error_of("a.jpg\t1\n"), AllOf(HasSubstr("list.csv:1: "), HasSubstr("not by tabs")));
  EXPECT_THAT(error_of("path,label\na.jpg;1\n"), AllOf(HasSubstr("list.csv:2: "), HasSubstr("not by semicolons")));
}

TEST_F(ImageList, SaysThatLabelsAreNumbersWhereTheyAreNames) {
  const std::string hint = "\"cat\" is not a non-negative integer; labels are class numbers from 0, not names";
  EXPECT_THAT(error_of("a.jpg,cat\n"), AllOf(HasSubstr("list.csv:1: "), HasSubstr(hint)));
  EXPECT_THAT(error_of("path,label\na.jpg,cat\n"), AllOf(HasSubstr("list.csv:2: "), HasSubstr(hint)));
  EXPECT_THAT(error_of("a.jpg,-1\n"), Not(HasSubstr("names")));
}

TEST_F(ImageList, HeaderIsCheckedWithoutImages) {
  const auto header_error = [&](std::string_view csv) {
    write_file(root() / "list.csv", csv);
    return input_error_of([&] { check_image_list_header(root() / "list.csv"); });
  };
  EXPECT_THAT(header_error("\nfile,class\n"), HasSubstr("list.csv:2: the first line is neither"));
  EXPECT_THAT(header_error("\n"), HasSubstr("lists no image"));
  write_file(root() / "list.csv", "gone.jpg,1\n");
  EXPECT_NO_THROW(check_image_list_header(root() / "list.csv"));
}

TEST_F(ImageList, KeepsPathsBelowTheRoot) {
  EXPECT_THAT(error_of("../outside.jpg,1\n"), AllOf(HasSubstr("list.csv:1: "), HasSubstr("leaves the root")));
  EXPECT_THAT(error_of("sub/../../outside.jpg,1\n"), HasSubstr("leaves the root"));
  EXPECT_THAT(error_of("/etc/passwd,1\n"), HasSubstr("leaves the root"));
}

TEST_F(ImageList, SaysWhichFileIsMissing) {
  EXPECT_THAT(input_error_of([&] { read_image_list(root() / "no.csv", root()); }), HasSubstr("no.csv: no such file"));
  EXPECT_THAT(input_error_of([&] { read_image_list(root() / "a.jpg", root() / "no"); }), HasSubstr("no such folder"));
}

}  // namespace
}  // namespace qeval::test
