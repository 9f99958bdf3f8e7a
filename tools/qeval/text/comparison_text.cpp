#include "tools/qeval/text/comparison_text.h"

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"
#include "tools/qeval/text/locale_text.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/text_table.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

constexpr std::size_t label_width = 9;

std::string flips_text(const PairedCounts& counts) {
  return fmt::format("{} broke, {} fixed", with_commas(counts.broke), with_commas(counts.fixed));
}

std::string labelled(const std::string& label, const std::string& text) {
  return wrapped(fmt::format("{:<{}}{}", label, label_width, text), label_width);
}

double percent(std::int64_t right, std::int64_t images) {
  return 100 * static_cast<double>(right) / static_cast<double>(images);
}

std::string metric_text(const char* name, const AccuracyChange& change, double alpha) {
  const PairedCounts& counts = change.counts;
  return labelled(name,
                  fmt::format("{:.2f} → {:.2f} %, {}: {}", percent(counts.both_right + counts.broke, counts.images()),
                              percent(counts.both_right + counts.fixed, counts.images()),
                              interval_text(change.interval), verdict_text(change, alpha))) +
         labelled("", test_text(change));
}

std::string table_text(const PairedCounts& counts, std::int64_t moved) {
  const Table table{
      {"", "B right", "B wrong", ""},
      {{"A right", Cell::real(0, with_commas(counts.both_right)), Cell::real(0, with_commas(counts.broke)), "broke"},
       {"A wrong", Cell::real(0, with_commas(counts.fixed)), Cell::real(0, with_commas(counts.both_wrong)),
        fmt::format("{} moved to another class", with_commas(moved))},
       {"", "fixed", "", ""}}};
  return format_table(table, TableFormat::text);
}

struct DropParts {
  std::string figures, verdict;
};

DropParts drop_parts(const std::string& variant, const std::string& baseline, const Comparison& comparison,
                     double alpha) {
  const AccuracyChange& top1 = comparison.top1;
  const std::string both = fmt::format("{} vs {}", variant, baseline);
  const std::int64_t images = top1.counts.images();
  if (images == 0) return {both + ": no image that both evaluated yet", ""};
  const bool is_half = comparison.only_first > 0 || comparison.only_second > 0;
  std::string verdict = verdict_text(top1, alpha);
  if (const std::string unusable = unusable_text(comparison, baseline, variant); !unusable.empty())
    verdict += " (" + unusable + ")";
  return {fmt::format("{}{}: {}, {}, {}: ", both,
                      is_half ? fmt::format(", on the {} images that both evaluated", with_commas(images)) : "",
                      interval_text(top1.interval), flips_text(top1.counts), p_text(top1.test.p)),
          std::move(verdict)};
}

}  // namespace

std::string interval_text(const PairedInterval& interval) {
  return fmt::format("{} points ({} … {})", points_text(interval.difference), points_text(interval.low),
                     points_text(interval.high));
}

std::string unusable_text(const Comparison& comparison, const std::string& first, const std::string& second) {
  std::string text;
  const auto add = [&](std::int64_t images, const std::string& run, const char* what) {
    if (images > 0) text += fmt::format("{}{} of {} {}", text.empty() ? "" : ", ", with_commas(images), run, what);
  };
  add(comparison.unusable_first.failed, first, "failed");
  add(comparison.unusable_first.not_finite, first, "are not finite");
  add(comparison.unusable_second.failed, second, "failed");
  add(comparison.unusable_second.not_finite, second, "are not finite");
  return text.empty() ? "" : "images without an answer count as wrong: " + text;
}

std::string test_text(const AccuracyChange& change) {
  const auto& [counts, interval, test] = change;
  if (test.method == PairedTest::Method::exact) return p_text(test.p) + " (McNemar, exact)";
  const ChiSquared chi = mcnemar_chi_squared(counts.broke, counts.fixed);
  return fmt::format("{} (McNemar, mid-p; chi² with continuity {:.2f}, {})", p_text(test.p), chi.statistic,
                     p_text(chi.p));
}

std::string verdict_text(const AccuracyChange& change, double alpha) {
  if (change.counts.discordant() == 0) return "no image differs";
  if (change.is_real(alpha)) return change.drop() > 0 ? "a real drop" : "a real gain";
  const auto telling = images_that_would_tell(change.counts, alpha);
  return "cannot be told from noise" +
         (telling ? fmt::format("; about {} images would tell", roughly(*telling)) : std::string());
}

std::string drop_sentence(const std::string& variant, const std::string& baseline, const Comparison& comparison,
                          double alpha) {
  const auto [figures, verdict] = drop_parts(variant, baseline, comparison, alpha);
  return figures + verdict;
}

std::string drop_text(const std::string& variant, const std::string& baseline, const Comparison& comparison,
                      double alpha) {
  const auto [figures, verdict] = drop_parts(variant, baseline, comparison, alpha);
  std::string lines = wrapped(figures, 2);
  if (verdict.empty()) return locale_text(lines);
  // The verdict stays whole, so that it can be found by eye.
  const std::string_view last = std::string_view(lines).substr(lines.rfind('\n', lines.size() - 2) + 1);
  if (display_width(last) + display_width(verdict) > terminal_columns)
    return locale_text(lines + wrapped("  " + verdict, 2));
  lines.back() = ' ';
  return locale_text(lines + verdict + "\n");
}

std::string drop_text(const std::string& variant, const Drop& drop, double alpha) {
  if (drop.comparison) return drop_text(variant, drop.baseline, *drop.comparison, alpha);
  return locale_text(
      wrapped(fmt::format("{} vs {}: not compared: {}", variant, drop.baseline, visible_name(drop.reason)), 2));
}

std::string comparison_text(const Comparison& comparison, double alpha) {
  const PairedCounts& counts = comparison.top1.counts;
  std::string text = fmt::format("{} that both evaluated", with_commas(counts.images()));
  const auto add = [&text](std::int64_t images, const char* what) {
    if (images > 0) text += fmt::format(", {} {}", with_commas(images), what);
  };
  add(comparison.only_first, "only A");
  add(comparison.only_second, "only B");
  add(comparison.other_content, "with another content");
  add(comparison.other_label, "with another label");
  text = labelled("images", text);
  if (const std::string unusable = unusable_text(comparison, "A", "B"); !unusable.empty())
    text += labelled("", unusable);
  if (counts.images() == 0) return locale_text(text);
  return locale_text(text + "\n" + table_text(counts, comparison.moved) + "\n" +
                     metric_text("top-1", comparison.top1, alpha) + metric_text("top-5", comparison.top5, alpha));
}

}  // namespace qeval
