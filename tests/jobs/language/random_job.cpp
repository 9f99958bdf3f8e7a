#include "tests/jobs/language/random_job.h"

namespace qeval::test {

std::string RandomJobs::maybe(int percent, const std::string& key, const std::vector<std::string>& values) {
  return chance(percent) ? key + ": " + one_of(values) + ", " : "";
}

std::string RandomJobs::text() {
  return one_of({"'plain'",
                 "'1e5'",
                 "'null'",
                 "'true'",
                 "'0x10'",
                 "'~x/y'",
                 "' space '",
                 "'-'",
                 "'<<'",
                 "'%d'",
                 "'a b, c: d'",
                 "'# no comment'",
                 "'it''s'",
                 "'*a'",
                 "'&a'",
                 "'[x]'",
                 "'{x}'",
                 "\"q\\\"q\"",
                 "\"back\\\\slash\"",
                 "\"tab\\tand\\nline\"",
                 "\"cr\\rend\"",
                 "\"\\u0085next\\u2028line\\u2029\"",
                 "\"\\ufeffmark\"",
                 "\"\\u200ejoin\\u00a0\"",
                 "\"\\U0001f600\"",
                 "'größe/日本/😀'",
                 "'$${HOME}'",
                 "'$$${x}$'",
                 "'${QEVAL_TEST_WORD}'",
                 "'${QEVAL_TEST_UNSET:-b$c}'"});
}

std::string RandomJobs::model() {
  return "{arch: " + one_of({"resnet18", text()}) + ", weights: " + text() + ", " +
         maybe(20, "sha256", {"'" + std::string(64, 'A') + "'", "'" + std::string(64, '1') + "'"}) +
         maybe(30, "fold_batch_norm", {"true", "True", "FALSE", "${QEVAL_TEST_FALSE}"}) +
         maybe(40, "parameters", {"{}", "{layers: [1, 2], groups: +4}", "{block: " + text() + ", x: 1e5, y: true}"}) +
         "}";
}

std::string RandomJobs::samples() {
  return one_of({"all", "{first: 3}", "{per_class: +2}", "{every: 2}", "{spread: 5}", "{list: " + text() + "}",
                 "{first: '${QEVAL_TEST_NUMBER}'}"});
}

std::string RandomJobs::dataset() {
  const std::string kind = one_of({"", "", "kind: imagefolder, ", "kind: list, labels: " + text() + ", "});
  return "{root: " + text() + ", " + kind + maybe(30, "name", {text(), text()}) + maybe(40, "subset", {samples()}) +
         "}";
}

std::string RandomJobs::preprocess() {
  const std::string limits = maybe(50, "max_pixels", {"1000"}) + maybe(50, "max_scans", {"7"});
  std::string steps = chance(30) ? "{decode: {" + limits + "}}, " : "";
  steps += "{resize: {" + one_of({"short_side: 9", "size: 8", "size: [8, 9]"}) + ", " +
           maybe(40, "filter", {"bicubic", "bilinear"}) + maybe(40, "emulate", {"pillow-12.1", "pillow-13"}) + "}}, ";
  steps += one_of({"{center_crop: 8}", "{center_crop: {size: 8}}",
                   "{center_crop: {size: 8, padding: 2}}, {resize: {size: 8}}",
                   "{center_crop: {fraction: 0.875}}, {center_crop: 8}"});
  return "[" + steps + ", {normalize: {" + maybe(40, "range", {"bytes", "unit"}) +
         maybe(30, "channels", {"rgb", "bgr"}) +
         "mean: " + one_of({"0", "0.1", "[1, 2e-7, -3.5]", "${QEVAL_TEST_NUMBER}"}) +
         ", std: " + one_of({"1", "[0.1, 0.2, 1e-3]"}) + "}}]";
}

std::string RandomJobs::encodings() {
  const std::string file = maybe(30, "policy", {"strict", "partial"}) + maybe(30, "names", {text()});
  if (chance(40)) return "{import: " + text() + ", " + file + maybe(40, "missing", {"error", "leave_float"}) + "}";
  const std::string set =
      one_of({"", "", "root: " + text() + ", ", "kind: list, labels: " + text() + ", ", "kind: imagefolder, "});
  return "{" + (chance(20) ? "freeze: " + text() + ", " + file : "") + "calibrate: {" + set + "samples: " + samples() +
         ", " + maybe(30, "batch_size", {"2"}) + "}}";
}

std::string RandomJobs::quantization() {
  if (chance(20)) return "none";
  std::string keys = maybe(50, "mode", {"aimet-1.24", "aimet-torch-2", "aimet-2024"});
  keys += maybe(40, "scheme", {"tf", "percentile", "'mse'"});
  keys += maybe(30, "percentile", {"99.9", "100", "99.99999999999999"});
  keys += maybe(20, "executor", {"simulated-exact", "integer"});
  keys += maybe(40, "param",
                {"{bits: 4, per_channel: true}", "{dtype: float, bits: 16}",
                 "{block_size: 4, block_modules: [a, " + text() + "]}"});
  keys += maybe(30, "activation", {"{symmetric: True}", "{bits: ${QEVAL_TEST_NUMBER}}"});
  keys += maybe(30, "quantize_bias", {"true", "false"});
  keys += maybe(20, "requantize", {"true"});
  keys += maybe(20, "equalize", {"true"});
  keys += maybe(20, "bias_correction", {"analytic", "empirical"});
  keys += maybe(20, "rounding", {"adaround"});
  keys += maybe(20, "adaround", {"{iterations: 5}", "{learning_rate: 2e-2, regularization: 1}"});
  keys += maybe(30, "disable", {"[]", "[" + text() + ", fc]"});
  keys += maybe(30, "config", {"htp_v73", "aimet-default", text()});
  return "{" + keys + "encodings: " + encodings() + "}";
}

std::string RandomJobs::sections(int percent) {
  std::string lines;
  if (chance(percent)) lines += "model: " + model() + "\n";
  if (chance(percent)) lines += "dataset: " + dataset() + "\n";
  if (chance(percent)) lines += "preprocess: " + preprocess() + "\n";
  if (chance(percent)) lines += "quantization: " + (chance(15) ? "{<<: *q}" : quantization()) + "\n";
  return lines;
}

std::string RandomJobs::metrics(const std::vector<std::string>& variants) {
  const auto gate = [&] {
    return one_of({"{}", "{reference: 1}", "{reference: 0.5, tolerance: 1e-3}", "{reference: {}}",
                   "{reference: {" + one_of(variants) + ": 0.25}}",
                   "{reference: {" + variants.front() + ": 0, " + variants.back() + "x: 1}}", "{max_drop: 0.01}",
                   "{max_drop: {" + one_of(variants) + ": 0.02}, alpha: 0.01, reference: 0.5}"});
  };
  const std::string compare = chance(20) ? "compare: {baseline: " + one_of(variants) + "}\n" : "";
  if (chance(20)) return compare + one_of({"", "metrics: {}\n"});
  if (chance(50)) return compare + "metrics:\n  " + one_of({"top1", "top5"}) + ": " + gate() + "\n";
  return compare + "metrics: {top5: " + gate() + ", top1: " + gate() + "}\n";
}

std::string RandomJobs::run_and_output() {
  std::string lines;
  if (chance(70))
    lines += "run: {" + maybe(50, "batch_size", {"4", "+8"}) + maybe(30, "device", {"cpu", "'cuda:1'"}) +
             maybe(50, "bad_images", {"{max: 3}", "{max: 0.25}", "{max: 0.0}", "{}"}) + "}\n";
  if (chance(20)) lines += one_of({"preflight: off\n", "preflight: 'on'\n"});
  if (chance(40))
    lines += "output: {export_encodings: " +
             one_of({"'e/${name}-${variant}.json'", "'$${name}/${variant}'", "'${QEVAL_TEST_WORD}/${variant}.json'",
                     "'one.json'"}) +
             ", " + maybe(40, "encodings_version", {"2.0.0", "1.0.0"}) + "}\n";
  return lines;
}

JobOverrides RandomJobs::overrides(const std::vector<std::string>& variants) {
  JobOverrides made;
  const auto set = [&](int percent, const std::string& path, const std::string& value) {
    if (chance(percent)) made.set.emplace_back(path, value);
  };
  set(30, "run.batch_size", "16");
  set(20, "model.weights", one_of({"w, \"x\".pth", "${QEVAL_TEST_WORD}", "$${x}", "../w.pth"}));
  set(20, "output.export_encodings", one_of({"/elsewhere/${variant}.json", "../up/${name}${variant}"}));
  set(15, "preprocess.resize.filter", "bicubic");
  set(15, "quantization", quantization());
  if (chance(30)) made.only_variants = {one_of(variants)};
  return made;
}

RandomJob RandomJobs::next() {
  std::string job = "x-own: &q " + quantization() +
                    "\nqeval: 1\nname: " + one_of({"small", "'1e5'", "'null'", "a.b_c-1", "'${QEVAL_TEST_WORD}'"}) +
                    "\n" + (chance(40) ? "description: " + text() + "\n" : "") +
                    (chance(30) ? "tags: [a, '1']\n" : "") + "model: " + model() + "\ndataset: " + dataset() +
                    "\npreprocess: " + preprocess() + "\n";
  if (chance(60)) job += "quantization: " + quantization() + "\n";
  std::vector<std::string> variants{"default"};
  if (chance(80)) {
    variants = {"zz", "null", "1e5", "a-b", "true"};
    variants.resize(1 + random_() % variants.size());
    job += "variants:\n";
    for (const std::string& name : variants) {
      std::string lines = sections(25);
      if (chance(15))
        lines += "needs: " + one_of({"[]", "[dataset.root]", "[model.weights, quantization.encodings.import]"}) + "\n";
      job += "  '" + name + "':\n";
      for (std::size_t at = 0, end; at < lines.size(); at = end + 1) {
        end = lines.find('\n', at);
        job += "    " + lines.substr(at, end - at) + "\n";
      }
    }
  }
  job += metrics(variants) + run_and_output();
  return {job, overrides(variants)};
}

}  // namespace qeval::test
