#include "tools/qeval/text/log_observer.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "storage/process_info.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

using Json = nlohmann::ordered_json;

/// Names of events and of their fields are read by scripts: never rename.
class EventLog {
 public:
  EventLog(const std::filesystem::path& file, LogFormat format)
      : name_(file.string()), format_(format), file_(file, std::ios::app | std::ios::binary) {
    if (!file_) throw InputError("--log-file: " + visible_name(name_) + " cannot be opened for writing; name another");
  }

  void write(const char* event, const Json& fields) {
    if (!file_) return;
    file_ << line_of(event, fields) << std::flush;
    if (!file_) err("--log-file: {} cannot be written to any more, the job goes on without it\n", name_);
  }

 private:
  std::string line_of(const char* event, const Json& fields) const {
    const auto dumped = [](const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); };
    if (format_ == LogFormat::jsonl) {
      Json line{{"time", utc_now()}, {"event", event}};
      line.update(fields);
      return dumped(line) + "\n";
    }
    std::string line = utc_now() + " " + event;
    for (const auto& [name, value] : fields.items()) line += " " + name + "=" + dumped(value);
    return line + "\n";
  }

  std::string name_;
  LogFormat format_;
  std::ofstream file_;
};

namespace {

class ImageLog : public ImageObserver {
 public:
  ImageLog(std::shared_ptr<EventLog> log, ImageWork work)
      : log_(std::move(log)), work_(std::move(work)), done_(work_.already_done) {
    log_->write("images_begin", fields());
  }

  void stage_busy(int, std::int64_t) override {}
  void batch_committed(const Batch& batch) override {
    done_ += batch.size;
    log_->write("batch_committed", fields());
  }
  void finish() override { log_->write("images_end", fields()); }

 private:
  Json fields() const {
    Json fields{{"label", work_.label}, {"done", done_}, {"total", work_.total}};
    const auto accuracy = work_.accuracy ? work_.accuracy() : std::nullopt;
    if (accuracy) fields.update({{"top1", accuracy->first}, {"top5", accuracy->second}});
    return fields;
  }

  std::shared_ptr<EventLog> log_;
  ImageWork work_;
  std::int64_t done_;
};

/// Layers, not what is done within one.
class LayerLog : public LayerObserver {
 public:
  LayerLog(std::shared_ptr<EventLog> log, std::string label, std::size_t done, std::size_t total)
      : log_(std::move(log)), label_(std::move(label)), done_(done), total_(total) {
    log_->write("layers_begin", {{"label", label_}, {"done", done_}, {"total", total_}});
  }

  void within(const std::string&, double) override {}
  void done(const std::string& layer) override {
    log_->write("layer_done", {{"label", label_}, {"layer", layer}, {"done", ++done_}, {"total", total_}});
  }

 private:
  std::shared_ptr<EventLog> log_;
  std::string label_;
  std::size_t done_, total_;
};

}  // namespace

LogObserver::LogObserver(const std::filesystem::path& file, LogFormat format)
    : log_(std::make_shared<EventLog>(file, format)) {}

LogObserver::~LogObserver() = default;

void LogObserver::variant_begins(const PreparedVariant& variant, const RunSettings&, bool) {
  log_->write("variant_begins", {{"variant", variant.spec.name},
                                 {"eval_key", variant.identity.evaluation.key},
                                 {"images", variant.images.evaluation.entries.size()},
                                 {"calibration_images", variant.images.calibration.entries.size()},
                                 {"device", variant.identity.evaluation.components.at("device")}});
}

void LogObserver::remark(const std::string& line) { log_->write("remark", {{"text", line}}); }

std::unique_ptr<ImageObserver> LogObserver::images_begin(ImageWork work) {
  return std::make_unique<ImageLog>(log_, std::move(work));
}

std::unique_ptr<LayerObserver> LogObserver::layers_begin(const std::string& label, std::size_t done,
                                                         std::size_t total) {
  return std::make_unique<LayerLog>(log_, label, done, total);
}

void LogObserver::variant_ends(const VariantResult& result) {
  const RunRecord& run = result.run;
  log_->write("variant_ends", {{"variant", run.variant},
                               {"run", run.name},
                               {"state", run_state_word(run.state)},
                               {"computed", result.computed},
                               {"images", run.n_total},
                               {"failed", run.n_failed},
                               {"right_top1", run.n_correct1},
                               {"right_top5", run.n_correct5},
                               {"gates_missed", result.missed}});
}

}  // namespace qeval
