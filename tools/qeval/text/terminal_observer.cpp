#include "tools/qeval/text/terminal_observer.h"

#include "tools/qeval/text/layer_progress.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

void TerminalObserver::variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) {
  if (first) write_err(device_text(variant, settings));
  if (first) settings_ = SettingsText();
  write_err(settings_.of(variant));
}

void TerminalObserver::remark(const std::string& line) { write_err(line + "\n"); }

std::unique_ptr<ImageObserver> TerminalObserver::images_begin(ImageWork work) {
  return std::make_unique<ProgressReporter>(mode_, std::move(work));
}

std::unique_ptr<LayerObserver> TerminalObserver::layers_begin(const std::string& label, std::size_t done,
                                                              std::size_t total) {
  return std::make_unique<LayerProgress>(mode_, label, done, total);
}

void TerminalObserver::variant_ends(const VariantResult&) {}

}  // namespace qeval
