#include "tools/qeval/text/terminal_observer.h"

#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/layer_progress.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

void TerminalObserver::variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) {
  if (telling_.amount == Telling::Amount::quiet) return;
  if (first) write_err(device_text(variant, settings));
  if (first) settings_ = SettingsText();
  write_err_wrapped(settings_.of(variant), settings_indent);
  if (telling_.amount != Telling::Amount::verbose) return;
  const VariantIdentity& key = variant.identity;
  err("the key {}\n", key.evaluation.key);
  write_err(components_text({key.evaluation.components, key.encodings.components, key.tuning.components, {}, {}, {}}));
}

void TerminalObserver::remark(const std::string& line) { write_err_wrapped(line, 2); }

std::unique_ptr<ImageObserver> TerminalObserver::images_begin(ImageWork work) {
  return std::make_unique<ProgressReporter>(telling_.progress, std::move(work));
}

std::unique_ptr<LayerObserver> TerminalObserver::layers_begin(const std::string& label, std::size_t done,
                                                              std::size_t total) {
  return std::make_unique<LayerProgress>(telling_.progress, label, done, total);
}

void TerminalObserver::variant_ends(const VariantResult&) {}

}  // namespace qeval
