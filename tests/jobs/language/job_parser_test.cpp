#include "jobs/language/job_parser.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/jobs/language/job_text.h"

namespace qeval {
namespace {

using test::job_text;
using test::parse;

const std::string calibrated = "quantization: {encodings: {calibrate: {samples: {per_class: 1}}}}\n";

TEST(JobParser, DefaultsAreThoseOfTheSpecStructs) {
  const JobSpec job = parse(job_text(calibrated));
  const RunSettings run;
  EXPECT_EQ(job.run.batch_size, run.batch_size);
  EXPECT_EQ(job.run.device, run.device);
  EXPECT_EQ(job.run.threads, run.threads);
  EXPECT_EQ(job.run.decode_threads, run.decode_threads);
  EXPECT_EQ(job.run.replicas, run.replicas);
  EXPECT_EQ(job.run.max_bad_images, run.max_bad_images);
  EXPECT_EQ(job.run.max_bad_share, run.max_bad_share);
  ASSERT_EQ(job.variants.size(), 1u);
  EXPECT_EQ(job.variants[0].name, "default");
  EXPECT_EQ(job.variants[0].model.fold_batch_norm, ModelSpec{}.fold_batch_norm);
  EXPECT_EQ(job.variants[0].dataset.kind, DatasetSpec{}.kind);
  EXPECT_EQ(job.variants[0].dataset.subset.kind, SubsetSpec::Kind::all);
  const QuantizationSpec& read = job.variants[0].quantization;
  const QuantizationSpec spec;
  EXPECT_TRUE(read.enabled);
  EXPECT_EQ(read.executor, spec.executor);
  EXPECT_EQ(read.mode, spec.mode);
  EXPECT_EQ(read.scheme, spec.scheme);
  EXPECT_EQ(read.param_bits, spec.param_bits);
  EXPECT_EQ(read.param_symmetric, spec.param_symmetric);
  EXPECT_EQ(read.param_dtype, spec.param_dtype);
  EXPECT_EQ(read.activation_dtype, spec.activation_dtype);
  EXPECT_EQ(read.per_channel, spec.per_channel);
  EXPECT_EQ(read.block_size, spec.block_size);
  EXPECT_EQ(read.block_modules, spec.block_modules);
  EXPECT_EQ(read.activation_bits, spec.activation_bits);
  EXPECT_EQ(read.activation_symmetric, spec.activation_symmetric);
  EXPECT_EQ(read.quantize_input, spec.quantize_input);
  EXPECT_EQ(read.quantize_bias, spec.quantize_bias);
  EXPECT_EQ(read.share_module_quantizers, spec.share_module_quantizers);
  EXPECT_EQ(read.requantize, spec.requantize);
  EXPECT_EQ(read.equalize, spec.equalize);
  EXPECT_EQ(read.bias_correction, spec.bias_correction);
  EXPECT_EQ(read.rounding, spec.rounding);
  EXPECT_EQ(read.adaround_iterations, spec.adaround_iterations);
  EXPECT_EQ(read.adaround_regularization, spec.adaround_regularization);
  EXPECT_EQ(read.adaround_learning_rate, spec.adaround_learning_rate);
  EXPECT_EQ(read.missing, spec.missing);
  EXPECT_EQ(read.calibration_batch_size, spec.calibration_batch_size);
  const StepSpec& resize = job.variants[0].preprocess[0];
  EXPECT_EQ(resize.filter, StepSpec{}.filter);
  EXPECT_EQ(resize.emulate, StepSpec{}.emulate);
  EXPECT_EQ(job.variants[0].preprocess[2].range, StepSpec{}.range);
}

TEST(JobParser, DecoderDefaultsAreThoseOfTheSpecStruct) {
  const JobSpec job = parse(job_text(), {.set = {{"preprocess",
                                                  "[{decode: {}}, {center_crop: 8}, "
                                                  "{normalize: {mean: 0, std: 1}}]"}},
                                         .only_variants = {}});
  EXPECT_EQ(job.variants[0].preprocess[0].max_pixels, StepSpec{}.max_pixels);
  EXPECT_EQ(job.variants[0].preprocess[0].max_scans, StepSpec{}.max_scans);
}

TEST(JobParser, WithoutQuantizationTheNetworkStaysFloat) {
  EXPECT_FALSE(parse(job_text()).variants[0].quantization.enabled);
  EXPECT_FALSE(parse(job_text("quantization: none\n")).variants[0].quantization.enabled);
}

std::string quantized_job(const std::string& settings) {
  return test::job_text("quantization: {encodings: {calibrate: {samples: all}}, " + settings + "}\n");
}

TEST(JobParser, AConfigurationIsAPresetOrAPathFromTheJobFilesFolder) {
  const auto config = [](const std::string& settings) {
    return test::parse(quantized_job(settings)).variants.at(0).quantization.config;
  };
  EXPECT_EQ(config("mode: aimet-1.24"), "aimet-default");
  EXPECT_EQ(config("config: htp_v73"), "htp_v73");
  EXPECT_EQ(config("config: rules/mine.json"), "/jobs/rules/mine.json");
  EXPECT_EQ(config("config: /etc/mine.json"), "/etc/mine.json");
}

TEST(JobParser, WhatAConfigurationDecidesCannotBeSetBesideIt) {
  EXPECT_NE(
      test::error_of(quantized_job("config: htp_v73, param: {per_channel: true}"))
          .find("quantization.param.per_channel is decided by quantization.config: htp_v73; remove one of the two"),
      std::string::npos);
  EXPECT_NE(test::error_of(quantized_job("config: mine.json, quantize_bias: true")).find("quantize_bias is decided by"),
            std::string::npos);
  EXPECT_EQ(test::error_of(quantized_job("config: htp_v73, param: {bits: 4, per_channel: false}")), "");
  EXPECT_EQ(test::error_of(quantized_job("config: aimet-default, quantize_bias: true")), "");
}

TEST(JobParser, WeightsCanBeCutIntoBlocks) {
  const auto read = test::parse(quantized_job("mode: aimet-torch-2, param: {bits: 4, block_size: 64, "
                                              "block_modules: [layer1.0.conv1, fc]}"))
                        .variants.at(0)
                        .quantization;
  EXPECT_EQ(read.block_size, 64);
  EXPECT_EQ(read.block_modules, (std::vector<std::string>{"layer1.0.conv1", "fc"}));
  EXPECT_NE(test::error_of(quantized_job("param: {block_size: -1}")), "");
}

TEST(JobParser, HalfPrecisionHasSixteenBitsAndNoBlocks) {
  const auto read = test::parse(quantized_job("param: {dtype: float, bits: 16}")).variants.at(0).quantization;
  EXPECT_EQ(read.param_dtype, NumberType::floating);
  EXPECT_EQ(read.activation_dtype, NumberType::integer);
  EXPECT_NE(test::error_of(quantized_job("activation: {dtype: float}"))
                .find("quantization.activation.dtype: float needs quantization.activation.bits: 16"),
            std::string::npos);
  EXPECT_NE(test::error_of(quantized_job("param: {dtype: float, bits: 16, block_size: 8}"))
                .find("quantization.param.block_size does nothing with dtype: float; remove one of the two"),
            std::string::npos);
}

TEST(JobParser, CalibrationStartsFromTheJobsOwnDataSet) {
  const JobSpec job = parse(job_text(calibrated),
                            {.set = {{"dataset.kind", "list"}, {"dataset.labels", "l.csv"}}, .only_variants = {}});
  const DatasetSpec& calibration = job.variants[0].quantization.calibration;
  EXPECT_EQ(calibration.root, "/jobs/images");
  EXPECT_EQ(calibration.kind, DatasetKind::list);
  EXPECT_EQ(calibration.labels, "/jobs/l.csv");
  EXPECT_EQ(calibration.subset.kind, SubsetSpec::Kind::per_class);
  EXPECT_EQ(calibration.subset.count, 1);
}

TEST(JobParser, CalibrationMayHaveItsOwnDataSet) {
  const JobSpec job =
      parse(job_text("quantization: {encodings: {calibrate: {root: ../train, kind: list, labels: t.csv, "
                     "samples: {list: names.txt}, batch_size: 3}}}\n"));
  const DatasetSpec& calibration = job.variants[0].quantization.calibration;
  EXPECT_EQ(calibration.root, "/train");
  EXPECT_EQ(calibration.kind, DatasetKind::list);
  EXPECT_EQ(calibration.labels, "/jobs/t.csv");
  EXPECT_EQ(calibration.subset.list, "/jobs/names.txt");
  EXPECT_EQ(job.variants[0].quantization.calibration_batch_size, 3);
  EXPECT_EQ(job.variants[0].dataset.kind, DatasetKind::imagefolder);
}

TEST(JobParser, ReadsEveryFormOfEveryStep) {
  const std::string steps =
      "[{decode: {max_pixels: 1000, max_scans: 7}}, {resize: {size: 10, filter: bicubic, emulate: pillow-12.1}}, "
      "{resize: {size: [11, 12]}}, {center_crop: {size: 9}}, {center_crop: {size: 8, padding: 2}}, "
      "{center_crop: {fraction: 0.875}}, {normalize: {range: bytes, mean: [1, 2, 3], std: 128}}]";
  const auto read = parse(job_text(), {.set = {{"preprocess", steps}}, .only_variants = {}}).variants[0].preprocess;
  ASSERT_EQ(read.size(), 7u);
  EXPECT_EQ(read[0].max_pixels, 1000);
  EXPECT_EQ(read[0].max_scans, 7);
  EXPECT_EQ(read[1].height, 10);
  EXPECT_EQ(read[1].width, 10);
  EXPECT_EQ(read[1].filter, ResamplingFilter::bicubic);
  EXPECT_EQ(read[1].emulate, PillowRelease::v12_1);
  EXPECT_FALSE(read[1].short_side);
  EXPECT_EQ(read[2].height, 11);
  EXPECT_EQ(read[2].width, 12);
  EXPECT_EQ(read[3].crop, 9);
  EXPECT_FALSE(read[3].padding);
  EXPECT_EQ(read[4].padding, 2);
  EXPECT_EQ(read[5].fraction, 0.875);
  EXPECT_FALSE(read[5].crop);
  EXPECT_EQ(read[6].range, PixelRange::bytes);
  EXPECT_EQ(read[6].mean, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(read[6].std, (std::vector<double>{128}));
}

TEST(JobParser, VariantsMergeMapsAndReplaceListsAndValues) {
  const JobSpec job =
      parse(job_text("quantization:\n"
                     "  param: {bits: 4, per_channel: true}\n"
                     "  encodings: {import: e.json, missing: leave_float}\n"
                     "variants:\n"
                     "  plain:\n"
                     "  fp32: {quantization: none, model: {arch: resnet50}}\n"
                     "  w16:\n"
                     "    quantization: {param: {bits: 16}}\n"
                     "    preprocess: [{center_crop: 8}, {normalize: {mean: 0, std: 1}}]\n"
                     "  calibrated: {quantization: {encodings: {calibrate: {samples: all}}}}\n"));
  ASSERT_EQ(job.variants.size(), 4u);
  EXPECT_EQ(job.variants[0].quantization.param_bits, 4);
  EXPECT_EQ(job.variants[0].quantization.missing, MissingEncodings::leave_float);
  EXPECT_FALSE(job.variants[1].quantization.enabled);
  EXPECT_EQ(job.variants[1].model.arch, "resnet50");
  EXPECT_EQ(job.variants[1].model.weights, "/jobs/w.pth");
  EXPECT_EQ(job.variants[2].quantization.param_bits, 16);
  EXPECT_TRUE(job.variants[2].quantization.per_channel);
  EXPECT_EQ(job.variants[2].preprocess.size(), 2u);
  EXPECT_TRUE(job.variants[3].quantization.import_encodings.empty());
  EXPECT_EQ(job.variants[3].quantization.param_bits, 4);
}

TEST(JobParser, UserKeysHoldAnchors) {
  const JobSpec job = parse("x-q: &q {scheme: tf, encodings: {import: e.json}}\n" +
                            job_text("x-anything: [1, {strange: ~}]\nvariants:\n  a:\n    quantization:\n      <<: *q\n"
                                     "      mode: aimet-torch-2\n"));
  EXPECT_EQ(job.variants[0].quantization.scheme, "tf");
  EXPECT_EQ(job.variants[0].quantization.mode, "aimet-torch-2");
}

TEST(JobParser, EncodingsAreExportedAsVersion061UnlessAnotherIsNamed) {
  EXPECT_EQ(parse(job_text("output: {export_encodings: e.json}\n")).encodings_version, "0.6.1");
  EXPECT_EQ(parse(job_text("output: {export_encodings: e.json, encodings_version: 2.0.0}\n")).encodings_version,
            "2.0.0");
}

TEST(JobParser, RelativePathsStartAtTheJobFilesFolder) {
  const JobSpec job = parse_job_text(job_text("output: {export_encodings: 'out/${name}-${variant}.json'}\n"),
                                     "/jobs/sub/../small.yaml");
  EXPECT_EQ(job.file, "/jobs/small.yaml");
  EXPECT_EQ(job.variants[0].model.weights, "/jobs/w.pth");
  EXPECT_EQ(job.variants[0].dataset.root, "/jobs/images");
  EXPECT_EQ(job.export_encodings, "/jobs/out/small-${variant}.json");
  EXPECT_EQ(
      parse(job_text(), {.set = {{"model.weights", "/abs/w.pth"}}, .only_variants = {}}).variants[0].model.weights,
      "/abs/w.pth");
}

TEST(JobParser, ExportElsewhereNeedsTheCommandLine) {
  const JobSpec job =
      parse(job_text(), {.set = {{"output.export_encodings", "/elsewhere/e.json"}}, .only_variants = {}});
  EXPECT_EQ(job.export_encodings, "/elsewhere/e.json");
}

TEST(JobParser, DataSetIsNamedAfterItsFolder) {
  EXPECT_EQ(parse(job_text()).variants[0].dataset.name, "images");
  const JobOverrides slash{.set = {{"dataset.root", "/data/val/"}}, .only_variants = {}};
  EXPECT_EQ(parse(job_text(), slash).variants[0].dataset.name, "val");
}

TEST(JobParser, GatesApplyToAllVariantsOrToTheNamedOnes) {
  const JobSpec job =
      parse(job_text("variants: {a: , b: }\n"
                     "metrics:\n"
                     "  top1: {reference: {a: 0.75}, tolerance: 0.01}\n"
                     "  top5: {reference: 0.9}\n"));
  ASSERT_EQ(job.variants[0].gates.size(), 2u);
  EXPECT_EQ(job.variants[0].gates[0].metric, Metric::top1);
  EXPECT_EQ(job.variants[0].gates[0].reference, 0.75);
  EXPECT_EQ(job.variants[0].gates[0].tolerance, 0.01);
  ASSERT_EQ(job.variants[1].gates.size(), 1u);
  EXPECT_EQ(job.variants[1].gates[0].metric, Metric::top5);
  EXPECT_EQ(job.variants[1].gates[0].tolerance, 0);
}

TEST(JobParser, BadImagesAreACountOrAShare) {
  const JobSpec count = parse(job_text("run: {bad_images: {max: 1}}\n"));
  EXPECT_EQ(count.run.max_bad_images, 1);
  EXPECT_FALSE(count.run.max_bad_share);
  EXPECT_EQ(parse(job_text("run: {bad_images: {max: 0.25}}\n")).run.max_bad_share, 0.25);
}

TEST(JobParser, ArchitectureParametersBecomeText) {
  const JobSpec job = parse(job_text(), {.set = {{"model.parameters", "{layers: [1, 1, 2], groups: 32, block: basic}"}},
                                         .only_variants = {}});
  const std::map<std::string, std::string> expected{{"block", "basic"}, {"groups", "32"}, {"layers", "1,1,2"}};
  EXPECT_EQ(job.variants[0].model.parameters, expected);
}

TEST(JobParser, JsonJobsAreAccepted) {
  const JobSpec job = parse(R"({"qeval": 1, "name": "j", "model": {"arch": "a", "weights": "w"},
    "dataset": {"root": "d"}, "preprocess": [{"center_crop": 8}, {"normalize": {"mean": 0, "std": 1}}]})");
  EXPECT_EQ(job.name, "j");
  EXPECT_EQ(job.variants[0].preprocess[0].crop, 8);
}

TEST(ResolvedJson, HoldsDefaultsAndTypesAndEveryVariant) {
  const JobSpec job = parse(job_text(calibrated + "variants: {a: , b: {quantization: none}}\n"));
  const auto json = nlohmann::json::parse(job.resolved_json);
  EXPECT_EQ(json.at("run").at("batch_size"), 8);
  EXPECT_EQ(json.at("variants").at("a").at("quantization").at("param").at("symmetric"), true);
  EXPECT_EQ(json.at("variants").at("a").at("quantization").at("encodings").at("calibrate").at("root"), "/jobs/images");
  EXPECT_EQ(json.at("variants").at("b").at("quantization"), "none");
  EXPECT_FALSE(json.contains("model"));
}

TEST(ResolvedJson, IsAJobFileThatMeansTheSame) {
  const JobSpec job = parse(job_text("description: costs 5 $${HOME}\n" + calibrated +
                                     "output: {export_encodings: 'e/$${B}/${variant}.json'}\nvariants: {a: , b: }\n"));
  EXPECT_EQ(job.export_encodings, "/jobs/e/${B}/${variant}.json");
  const JobSpec again = parse(job.resolved_json);
  EXPECT_EQ(again.export_encodings, job.export_encodings);
  EXPECT_EQ(again.resolved_json, job.resolved_json);
}

TEST(ResolvedJson, OfOneVariantHoldsNoGatesOfAnother) {
  const JobOverrides only_a{.set = {}, .only_variants = {"a"}};
  const JobSpec job = parse(job_text(calibrated + "metrics: {top1: {reference: {b: 0.5}},\n"
                                                  "          top5: {reference: {a: 0.9, b: 0.8}}}\n"
                                                  "variants: {a: , b: }\n"),
                            only_a);
  const JobSpec again = parse(job.resolved_json);
  ASSERT_EQ(again.variants[0].gates.size(), 1u);
  EXPECT_EQ(again.variants[0].gates[0].reference, 0.9);
}

constexpr const char* two_variants =
    "variants: {w8a8: {quantization: {encodings: {calibrate: {samples: all}}}}, float: {quantization: none}}\n";

TEST(JobParser, TheBaselineIsTheFirstVariantWithoutQuantizationUnlessOneIsNamed) {
  EXPECT_EQ(test::parse(job_text(two_variants)).baseline, "float");
  EXPECT_EQ(test::parse(job_text(std::string(two_variants) + "compare: {baseline: w8a8}\n")).baseline, "w8a8");
}

TEST(JobParser, ADropIsAllowedForAllVariantsButTheBaselineOrForSome) {
  const JobSpec all = test::parse(job_text(std::string(two_variants) + "metrics: {top1: {max_drop: 0.01}}\n"));
  ASSERT_EQ(all.variants[0].drop_gates.size(), 1u);
  EXPECT_EQ(all.variants[0].drop_gates[0].max_drop, 0.01);
  EXPECT_EQ(all.variants[0].drop_gates[0].alpha, 0.05);
  EXPECT_TRUE(all.variants[0].gates.empty());
  EXPECT_TRUE(all.variants[1].drop_gates.empty());
  const JobSpec other = test::parse(job_text(
      std::string(two_variants) + "compare: {baseline: w8a8}\nmetrics: {top5: {max_drop: {float: 0}, alpha: 0.01}}\n"));
  EXPECT_TRUE(other.variants[0].drop_gates.empty());
  EXPECT_EQ(other.variants[1].drop_gates.at(0).alpha, 0.01);
}

}  // namespace
}  // namespace qeval
