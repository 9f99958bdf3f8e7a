#include <gmock/gmock.h>

#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Both containers go through one unpickler: each case is loaded from both.
void expect_refused(const Expression& root, const std::string& part) {
  EXPECT_THAT(load_error(pth_zip(root)), HasSubstr(part));
  EXPECT_THAT(load_error(pth_legacy(root)), HasSubstr(part));
}

std::string repeat(const std::string& text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HostilePickle, SystemCallIsRefusedByNameAndNotExecuted) {
  TempDir folder;
  const auto marker = folder.path() / "executed";
  const Expression attack = py_os_system("touch " + marker.string());
  for (const auto& bytes : {pth_zip(attack), pth_legacy(attack), pickle(attack), pth_zip(py_dict({{"w", attack}}))})
    EXPECT_THAT(load_error(bytes), AllOf(HasSubstr("posix.system"), HasSubstr("nothing was executed")));
  EXPECT_FALSE(std::filesystem::exists(marker));
}

TEST(HostilePickle, EveryWayToNameAGlobalIsChecked) {
  expect_refused(py_global("os", "system"), "os.system");
  expect_refused("\x8c\x02os\x8c\x06system\x93", "os.system");
  expect_refused("(ios\nsystem\n", "os.system");
  expect_refused(py_global("builtins", "eval"), "builtins.eval");
  expect_refused(py_global("torch", "load"), "torch.load");
  expect_refused(py_global("torch._utils", "__import__"), "torch._utils.__import__");
  expect_refused(py_global("collections", "OrderedDict.__init__"), "collections.OrderedDict.__init__");
  expect_refused(py_global("numpy.core.multiarray", "runstring"), "numpy.core.multiarray.runstring");
  expect_refused(py_global("argparse", "Namespace.__init__"), "argparse.Namespace.__init__");
}

TEST(HostilePickle, OperationsOutsideTheSubsetAreRefusedByName) {
  expect_refused("(" + py_global("argparse", "Namespace") + "o", "OBJ");
  expect_refused("\x82\x01", "EXT1");
  expect_refused("\xff", "operation 255 (unknown)");
  expect_refused("P0\n", "PERSID");
}

TEST(HostilePickle, CallsWithWrongArgumentsAreRefused) {
  expect_refused(py_call(py_global("torch._utils", "_rebuild_tensor_v2"), {}), "with 0 arguments");
  expect_refused(py_call(py_int(1), {}), "as called function");
  expect_refused(py_global("collections", "OrderedDict") + py_int(1) + "R", "as arguments");
  expect_refused(py_call(py_global("torch", "FloatStorage"), {}), "calls a storage class");
  expect_refused(py_call(py_global("torch._utils", "_rebuild_parameter"), {py_int(1), "\x88", "N"}),
                 "as parameter data");
  expect_refused(py_sequence({py_text("module"), "N", "N", "N", "N"}) + "Q", "'module'");
  expect_refused(py_int(1) + "Q", "as persistent id");
  expect_refused(py_ints({1}) + "}b", "sets attributes on a tuple");
}

TEST(HostilePickle, StackAndMemoMisuseIsRefused) {
  expect_refused("0", "more from its stack");
  expect_refused("t", "mark that is not there");
  expect_refused("(R", "more from its stack");
  expect_refused("N(N\x86", "more from its stack");
  expect_refused("h\x07", "never stored");
  expect_refused("q\x01", "more from its stack");
  expect_refused("](Ns", "more from its stack");
  expect_refused("}(Nu", "key without a value");
  expect_refused("}Na", "adds items to a dict");
  expect_refused("X" + little(0xffffffff, 4), "ends early");
  expect_refused("\x8d" + little(~0ull, 8), "ends early");
  expect_refused("c" + std::string(1000, 'a'), "overlong or unfinished name");
  expect_refused(std::string("\x80\x77", 2), "unknown protocol");
}

TEST(HostilePickle, DeepNestingOverflowsNothing) {
  // [[[…]]], ((…,),) and {None: {None: …}}, half a million levels.
  expect_refused(repeat("]", 500'000) + repeat("a", 499'999), "the checkpoint is a list");
  expect_refused(")" + repeat("\x85", 500'000), "the checkpoint is a tuple");
  expect_refused(repeat("}N", 400'000) + "N" + repeat("s", 400'000), "no state dict");
}

TEST(HostilePickle, SelfContainingDictIsHandled) {
  expect_refused("}q" + std::string(1, '\0') + py_text("state_dict") + "h" + std::string(1, '\0') + "s",
                 "no state dict");
}

TEST(HostilePickle, MemoBombsStayLinear) {
  // Each level holds the one below ten times: 10^40 leaves if anything expanded them.
  Expression bomb = "]q" + std::string(1, '\0');
  for (char level = 0; level < 40; ++level)
    bomb += "](" + repeat(std::string("h") + level, 10) + "eq" + std::string(1, static_cast<char>(level + 1));
  expect_refused(bomb, "the checkpoint is a list");
}

TEST(HostilePickle, EndlessOperationsAreRefused) {
  expect_refused(repeat("N0", 1'000'001), "more than 2000000 operations");
}

TEST(HostilePickle, LongSharedArgumentsAreNotCopiedForEveryCall) {
  // One long tuple as the shape of many tensors: copying it each time would cost terabytes.
  const std::string shape_slot("h\x01", 2), storage_slot("h\x02", 2);
  const Expression setup =
      "(" + repeat("K\x01", 500'000) + "tq\x01" + "0" + py_storage("FloatStorage", "0", 1) + "q\x02" + "0";
  const Expression call = py_global("torch._utils", "_rebuild_tensor") +
                          py_sequence({storage_slot, py_int(0), shape_slot, shape_slot}) + "R";
  expect_refused(setup + call, "a tensor size of 500000 numbers");
  // One long list of pairs made into a dict again and again.
  const Expression list = "](" + repeat("h\x03", 500'000) + "eq\x01" + "0";
  const Expression pairs = "N" + std::string("N\x86q\x03") + "0" + list;
  const Expression again = py_call(py_global("collections", "OrderedDict"), {shape_slot}) + "0";
  expect_refused(pairs + repeat(again, 3) + "N", "more than a million dict entries");
}

TEST(HostilePickle, NamesThatAreNotTextAreRefused) {
  const auto tensor = py_tensor(py_storage("FloatStorage", "0", 1), 0, {1}, {1});
  const Storages data{{"0", raw<float>({1})}};
  EXPECT_THAT(load_error(pth_zip("}" + py_int(1) + tensor + "s", data)), HasSubstr("integer as its name"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"a\nb", tensor}}), data)), HasSubstr("'a\\nb', which is not plain text"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"\xff\xfe", tensor}}), data)), HasSubstr("not plain text"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{std::string(5000, 'a'), tensor}}), data)),
              HasSubstr("a name of 5000 bytes"));
}

}  // namespace
}  // namespace qeval::test
