#include "tools/qeval/text/observer_pair.h"

namespace qeval {
namespace {

/// Either may be null.
class ImagePair : public ImageObserver {
 public:
  ImagePair(std::unique_ptr<ImageObserver> first, std::unique_ptr<ImageObserver> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void stage_busy(int node, std::int64_t nanoseconds) override {
    if (first_) first_->stage_busy(node, nanoseconds);
    if (second_) second_->stage_busy(node, nanoseconds);
  }
  void batch_committed(const Batch& batch) override {
    if (first_) first_->batch_committed(batch);
    if (second_) second_->batch_committed(batch);
  }
  void finish() override {
    if (first_) first_->finish();
    if (second_) second_->finish();
  }

 private:
  std::unique_ptr<ImageObserver> first_, second_;
};

/// Either may be null.
class LayerPair : public LayerObserver {
 public:
  LayerPair(std::unique_ptr<LayerObserver> first, std::unique_ptr<LayerObserver> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void within(const std::string& layer, double share) override {
    if (first_) first_->within(layer, share);
    if (second_) second_->within(layer, share);
  }
  void done(const std::string& layer) override {
    if (first_) first_->done(layer);
    if (second_) second_->done(layer);
  }

 private:
  std::unique_ptr<LayerObserver> first_, second_;
};

}  // namespace

void ObserverPair::variant_begins(const PreparedVariant& variant, const RunSettings& settings, bool first) {
  first_.variant_begins(variant, settings, first);
  second_.variant_begins(variant, settings, first);
}

void ObserverPair::remark(const std::string& line) {
  first_.remark(line);
  second_.remark(line);
}

std::unique_ptr<ImageObserver> ObserverPair::images_begin(ImageWork work) {
  auto first = first_.images_begin(work);
  return std::make_unique<ImagePair>(std::move(first), second_.images_begin(std::move(work)));
}

std::unique_ptr<LayerObserver> ObserverPair::layers_begin(const std::string& label, std::size_t done,
                                                          std::size_t total) {
  auto first = first_.layers_begin(label, done, total);
  return std::make_unique<LayerPair>(std::move(first), second_.layers_begin(label, done, total));
}

void ObserverPair::variant_ends(const VariantResult& result) {
  first_.variant_ends(result);
  second_.variant_ends(result);
}

}  // namespace qeval
