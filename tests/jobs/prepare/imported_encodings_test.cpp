#include "jobs/prepare/imported_encodings.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

Graph two_relus() {
  Graph graph;
  graph.quantizers.resize(2);
  graph.quantizers[0].module = "relu1";
  graph.quantizers[1].module = "relu2";
  return graph;
}

class ImportedEncodingsTest : public testing::Test {
 protected:
  /// A job that imports a 2.0.0 file of these entries.
  QuantizationSpec importing(const std::string& entries) {
    QuantizationSpec spec;
    spec.enabled = true;
    spec.import_encodings = write("net.encodings", R"({"version":"2.0.0","encodings":[)" + entries + "]}");
    return spec;
  }
  QuantizationSpec freezing(const std::string& entries) {
    QuantizationSpec spec = importing(entries);
    std::swap(spec.freeze_encodings, spec.import_encodings);
    return spec;
  }
  std::filesystem::path write(const char* name, const std::string& text) {
    const auto file = folder_.path() / name;
    std::ofstream(file) << text;
    return file;
  }

 private:
  TempDir folder_;
};

std::string refusal(const QuantizationSpec& spec) {
  try {
    read_imported_encodings(spec, two_relus());
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

const char* const relu1 = R"({"name":"relu1:output","output_dtype":"uint8","y_scale":0.5})";
const char* const relu2_of_4_bits = R"({"name":"relu2:output","output_dtype":"uint4","y_scale":0.25})";
const char* const stranger = R"({"name":"elsewhere","output_dtype":"uint8","y_scale":1})";

std::string list(std::initializer_list<const char*> entries) {
  std::string text;
  for (const char* entry : entries) text += (text.empty() ? "" : ",") + std::string(entry);
  return text;
}

TEST_F(ImportedEncodingsTest, StrictNamesEveryMismatchOfBothSidesAtOnce) {
  const std::string message = refusal(importing(list({relu2_of_4_bits, stranger})));
  EXPECT_THAT(
      message,
      AllOf(HasSubstr("net.encodings does not fit"), HasSubstr("quantizers without an encoding (1): relu1:output"),
            HasSubstr("encodings without a quantizer (1): elsewhere"),
            HasSubstr("different (1): relu2:output: 8 bit, file 4 bit"), HasSubstr("policy: partial")));
}

TEST_F(ImportedEncodingsTest, LeaveFloatAcceptsOnlyQuantizersWithoutAnEncoding) {
  QuantizationSpec spec = importing(relu1);
  EXPECT_THAT(refusal(spec), HasSubstr("quantizers without an encoding (1): relu2:output"));
  spec.missing = MissingEncodings::leave_float;
  const ImportedEncodings imported = read_imported_encodings(spec, two_relus());
  EXPECT_THAT(imported.encodings, ElementsAre(Key("relu1:output")));
  EXPECT_THAT(imported.remarks, ElementsAre(HasSubstr("quantizers without an encoding (1, off): relu2:output")));
  QuantizationSpec other = importing(list({relu1, stranger}));
  other.missing = MissingEncodings::leave_float;
  EXPECT_THAT(refusal(other), HasSubstr("encodings without a quantizer (1): elsewhere"));
}

TEST_F(ImportedEncodingsTest, PartialAppliesWhatItCanAndSaysTheRest) {
  QuantizationSpec spec = importing(list({relu2_of_4_bits, stranger}));
  spec.policy = EncodingsPolicy::partial;
  const ImportedEncodings imported = read_imported_encodings(spec, two_relus());
  EXPECT_EQ(imported.encodings.at("relu2:output").at(0).bits, 4);
  EXPECT_EQ(imported.encodings.size(), 1u);
  EXPECT_THAT(imported.remarks, ElementsAre(HasSubstr("without an encoding (1, off): relu1:output"),
                                            HasSubstr("without a quantizer (1, left out): elsewhere"),
                                            HasSubstr("different (1, applied as the file says): relu2")));
}

TEST_F(ImportedEncodingsTest, PartialLeavesOutWhatCannotBeApplied) {
  QuantizationSpec spec = importing(R"({"name":"relu1:output","output_dtype":"uint8","axis":0,"y_scale":[1,2]})");
  spec.policy = EncodingsPolicy::partial;
  const ImportedEncodings imported = read_imported_encodings(spec, two_relus());
  EXPECT_THAT(imported.encodings, IsEmpty());
  EXPECT_THAT(imported.remarks,
              ElementsAre(HasSubstr("without an encoding (1, off): relu2:output"),
                          HasSubstr("not applicable (1, left out, off): relu1:output: 1 encoding, file 2")));
}

TEST_F(ImportedEncodingsTest, PartialIsNotWithoutEveryWeight) {
  Graph graph = two_relus();
  graph.nodes.resize(2);
  graph.nodes[1].op = Op::linear;
  graph.nodes[1].inputs = {0};
  graph.nodes[1].weight = Tensor({2, 3}, std::vector<float>(6));
  graph.nodes[1].weight_quantizer = 2;
  Quantizer& weight = graph.quantizers.emplace_back();
  weight.role = QuantizerRole::param;
  weight.module = "fc";
  weight.parameter = "weight";
  weight.symmetric = true;
  const char* const per_channel =
      R"({"name":"fc.weight","output_dtype":"int8","axis":0,"y_scale":[0.5,1],"y_zero_point":[0,0]})";
  const char* const whole = R"({"name":"fc.weight","output_dtype":"int8","y_scale":0.5})";
  QuantizationSpec spec = importing(list({relu1, per_channel}));
  spec.policy = EncodingsPolicy::partial;
  const auto message = [&] {
    try {
      read_imported_encodings(spec, graph);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(message(), HasSubstr("none of its 1 encodings of weights fits the network, whose weights would all stay "
                                   "float, e.g. fc.weight: 1 encoding, file 2; give"));
  spec = importing(list({relu1, whole}));
  spec.policy = EncodingsPolicy::partial;
  EXPECT_EQ(message(), "no error");
  spec = importing(relu1);
  spec.policy = EncodingsPolicy::partial;
  EXPECT_EQ(message(), "no error") << "a file of activations alone";
  spec = freezing(list({relu1, per_channel}));
  spec.policy = EncodingsPolicy::partial;
  EXPECT_EQ(message(), "no error") << "weights are calibrated";
}

TEST_F(ImportedEncodingsTest, FreezeAcceptsWhatIsMissingAndNothingElse) {
  const ImportedEncodings imported = read_imported_encodings(freezing(relu1), two_relus());
  EXPECT_THAT(imported.encodings, ElementsAre(Key("relu1:output")));
  EXPECT_THAT(imported.remarks, ElementsAre(HasSubstr("without an encoding (1, calibrated): relu2:output")));
  EXPECT_THAT(refusal(freezing(list({relu1, stranger}))), HasSubstr("encodings without a quantizer (1): elsewhere"));
}

TEST_F(ImportedEncodingsTest, BiasesOfTheFileAreSaid) {
  const char* const relu2 = R"({"name":"relu2:output","output_dtype":"uint8","y_scale":0.5})";
  const char* const bias = R"({"name":"conv1.bias","output_dtype":"int32","y_scale":1e-5})";
  EXPECT_THAT(read_imported_encodings(importing(list({relu1, relu2, bias})), two_relus()).remarks,
              ElementsAre(HasSubstr("1 integer encodings of biases are not applied, their scales follow from input and "
                                    "weight: conv1.bias")));
}

TEST_F(ImportedEncodingsTest, ANameMapJoinsTheFilesNamesWithTheQuantizers) {
  QuantizationSpec spec = importing(list({R"({"name":"142","output_dtype":"uint8","y_scale":0.5})",
                                          R"({"name":"143","output_dtype":"uint8","y_scale":0.25})"}));
  spec.encodings_names = write("names.json", R"({"142":"relu2:output","143":"relu1:output"})");
  const ImportedEncodings imported = read_imported_encodings(spec, two_relus());
  EXPECT_EQ(imported.encodings.at("relu1:output").at(0).scale, 0.25);
  EXPECT_EQ(imported.encodings.at("relu2:output").at(0).scale, 0.5);
  EXPECT_THAT(imported.remarks, IsEmpty());
}

TEST_F(ImportedEncodingsTest, NamesOfTheMapThatNameNothingAreAMismatch) {
  QuantizationSpec spec = importing(list({relu1, R"({"name":"relu2:output","output_dtype":"uint8","y_scale":0.5})"}));
  spec.encodings_names = write("names.json", R"({"144":"relu3:output"})");
  EXPECT_THAT(refusal(spec), HasSubstr("names of the name map that the file does not have (1): 144"));
  spec.policy = EncodingsPolicy::partial;
  EXPECT_THAT(read_imported_encodings(spec, two_relus()).remarks, ElementsAre(HasSubstr("does not have (1): 144")));
}

TEST_F(ImportedEncodingsTest, MalformedNameMapsAreRefusedWithThePlace) {
  QuantizationSpec spec = importing(relu1);
  const auto refused = [&](const char* text) {
    spec.encodings_names = write("names.json", text);
    return refusal(spec);
  };
  EXPECT_THAT(refused("[]"), HasSubstr("names.json:1:1: top level: expected an object, not a list"));
  EXPECT_THAT(refused(R"({"a": 1})"), HasSubstr("names.json:1:7: /a: a name map is"));
  EXPECT_THAT(refused(R"({"a": ""})"), HasSubstr("names.json:1:7: /a: a name map is"));
  EXPECT_THAT(refused(R"({"a": "x", "b": "x"})"), HasSubstr(":1:17: /b: \"x\" is already what \"a\" stands for"));
  EXPECT_THAT(refused(R"({"a": "x", "a": "y"})"), HasSubstr(":1:12: /a: this key occurs twice"));
  spec.import_encodings = importing(list({relu1, stranger})).import_encodings;
  EXPECT_THAT(refused(R"({"elsewhere": "relu1:output"})"), HasSubstr("two encodings would be named \"relu1:output\""));
}

}  // namespace
}  // namespace qeval::test
