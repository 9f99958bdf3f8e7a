#include "jobs/language/field_check.h"
#include "jobs/language/field_tree.h"
#include "jobs/language/job_documents.h"
#include "jobs/language/yaml_document.h"

namespace qeval {
namespace {

constexpr const char* introduction = R"(# Job files

A job file says what is evaluated: a model, a data set, the preprocessing, and variants of it all, each of which becomes
one run. It is YAML 1.2; JSON is accepted, being a subset. This page is generated from the table that checks the files.

* `demo.yaml` – EfficientNet-Lite0 on 20 photographs: float, per-tensor and per-channel W8A8.
* `resnext101_w8a8.yaml` – the AIMET model zoo's ResNeXt101_32x8d W8A8 evaluation on ImageNet.
* `job.schema.json` – JSON Schema for editors; a file's first line then is
  `# yaml-language-server: $schema=job.schema.json`.

## Rules

* Unknown and duplicate keys are errors. All errors are shown at once, with line and column; nothing is run.
* `validate`, `plan` and `run` first check, and say in the same words, all that needs no image: architecture and
  parameters, weights and their pin, presets and files, names of modules, size of the input, GPU. Exit code 2: the job
  is wrong, whatever else is; 3: only inputs are missing, unreadable or do not fit.
* Top-level keys that start with `x-` are yours: a place for anchors (`&name`), used with `*name` and `<<: *name`.
* A variant is merged over the top level: maps merge key by key, lists and single values replace. A map that chooses
  another alternative (`calibrate` over `import`, `per_class` over `first`) replaces the one below it.
* A variant that `needs` a file or a folder which is not at hand is left out; `validate`, `plan` and `run` say so. See
  [Variants with files of their own](#variants-with-files-of-their-own).
* `${VAR}` and `${VAR:-default}` are taken from the environment; `$${` writes a literal `${`. A variable that is not set
  is an error where its value is used; a value that `--set` or a variant replaces needs no variable.
* Relative paths start at the job file's folder. Exported files stay below it, unless `--set` names another place.
* `--set path=value` changes one value for one command. `--set variants.NAME.path=value` concerns one variant. A path of
  the top level wins over the variants: it holds in every variant that has the section. It does not switch on what a
  variant switches off (`quantization: none`), and leaves alone a variant that uses another alternative, unless the path
  itself chooses one. Preprocessing steps are addressed by name: `--set preprocess.resize.short_side=256`.
* Text that looks like a number or a boolean needs quotes. `yes`, `on` and `0x10` are text; `008` must be written `8`.
)";

constexpr const char* own_files = R"(
## Variants with files of their own

`model.weights` may stand in a variant: a network that was changed before it was quantized – folded, equalized, trained
on – comes as a state dict of its own, and the float variant beside it keeps the first one. From
`resnext101_w8a8.yaml`, whose w8a8 is what the model zoo published:

```yaml
model: {arch: resnext101_32x8d, weights: "${RESNEXT101_WEIGHTS}"}
variants:
  fp32: {quantization: none}
  w8a8:
    needs: [model.weights, quantization.encodings.import]
    model: {weights: "${RESNEXT101_W8A8_STATE_DICT}"}
    quantization: {encodings: {import: "${RESNEXT101_W8A8_ENCODINGS}"}}
```

* A state dict whose batch norms were folded into their convolutions (`conv1.bias`, and no `bn1.weight`) is read as it
  is: all norms behind convolutions are folded in it, or none.
* Without `needs`, a variable that is not set is an error. With it, the other variants are run and
  `w8a8: left out, model.weights: variable RESNEXT101_W8A8_STATE_DICT is not set` is said. `--variant w8a8` asks for the
  variant whatever is at hand, and `--set variants.w8a8.needs=[]` removes the condition.
* `--set model.weights=FILE` holds in every variant; `--set variants.w8a8.model.weights=FILE` in one.
)";

constexpr const char* image_lists = R"(
## Lists of images

With `dataset.kind: list`, `dataset.labels` is a CSV file: a path below `dataset.root` and the index of its class, from 0.
Images are evaluated in its order.

```
path,label
cats/0001.jpg,281
"dogs/left, right.jpg",207
```

The first line may be left out; with it, the two columns are found by name, and others are passed over.
)";

std::string limits() {
  return "* Limits: 1 MiB, " + std::to_string(yaml_max_depth) + " levels, " + std::to_string(yaml_max_nodes) +
         " values with aliases counted in full, texts of " + std::to_string(max_text_bytes) + " bytes.\n";
}

std::string remark(const Field& field) {
  std::string text = field.help;
  for (std::size_t i = 0; i < field.only_with.size(); ++i)
    text += (i == 0 ? " Only beside `" : " or `") + field.only_with[i] + "`";
  if (!field.only_with.empty()) text += ".";
  if (field.in_variants) text += " May stand in variants.";
  return text;
}

std::string default_text(const Field& field) {
  if (field.fallback.empty()) return field.required ? "required" : "–";
  std::string text = "`";
  text += field.fallback;
  return text += "`";
}

void append_row(const Field& field, std::string& text) {
  text += "| `";
  text += field.path;
  text += "` | ";
  for (const char c : describe_forms(field)) {
    if (c == '|') text += '\\';  // a bare bar would end the cell
    text += c;
  }
  text += " | ";
  text += default_text(field);
  text += " | ";
  text += remark(field);
  text += " |\n";
}

constexpr const char* about_architectures = R"(
## Architectures

Values of `model.arch`, with the parameters that `model.parameters` may change and what they are otherwise; a list is
written `[3, 4, 6, 3]`. And `onnx`: any supported ONNX file, with what is said at `model.parameters`.

| architectures | parameters |
|---|---|
)";

std::string parameters_text(const DocumentedArch& arch) {
  std::string text;
  for (const auto& [name, value] : arch.defaults) {
    text += (text.empty() ? "`" : ", `") + name + "` ";
    text += value.empty() ? "required" : value;
  }
  return text;
}

/// Those with the same parameters in one row.
std::string architectures_table(const std::vector<DocumentedArch>& architectures) {
  std::vector<std::string> order;
  std::map<std::string, std::string> names;
  for (const DocumentedArch& arch : architectures) {
    const std::string parameters = parameters_text(arch);
    std::string& list = names[parameters];
    if (list.empty()) order.push_back(parameters);
    list += (list.empty() ? "`" : ", `") + arch.name + "`";
  }
  std::string table;
  for (const std::string& parameters : order) table += "| " + names[parameters] + " | " + parameters + " |\n";
  return table;
}

}  // namespace

std::string job_reference(const std::vector<DocumentedArch>& architectures) {
  std::string text = introduction + limits() + own_files + image_lists;
  text +=
      "\n## Keys\n\n`[]` is an item of a list, `*` a key of your choice. \"required\": in the merged view of every "
      "variant.\n";
  std::string section;
  for (const Field& field : field_table()) {
    const std::string first = field.path.substr(0, field.path.find_first_of(".["));
    const bool is_single = !field_tree().exact(first)->accepts(form::map | form::list) && first != "output";
    const std::string title = is_single ? "The job" : first;
    if (title != section) text += "\n### " + title + "\n\n| key | value | default | meaning |\n|---|---|---|---|\n";
    section = title;
    append_row(field, text);
  }
  return text + about_architectures + architectures_table(architectures);
}

}  // namespace qeval
