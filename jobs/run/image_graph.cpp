#include "jobs/run/image_graph.h"

#include <algorithm>

#include "stages/flow/image_payload.h"

namespace qeval {

ImageGraph::ImageGraph(const Manifest& manifest, const PreprocessRecipe& recipe, int batch_size,
                       const Concurrency& concurrency)
    : manifest_(manifest),
      preprocessor_(recipe),
      batch_size_(batch_size),
      concurrency_(concurrency),
      jpeg_(recipe.jpeg),
      read_(manifest),
      decode_(recipe.jpeg, recipe.channels),
      resize_(preprocessor_),
      normalize_(preprocessor_) {}

std::int64_t ImageGraph::batch_count() const {
  const auto images = static_cast<std::int64_t>(manifest_.entries.size());
  return (images + batch_size_ - 1) / batch_size_;
}

std::int64_t ImageGraph::images_in(const std::vector<std::int64_t>& batches) const {
  const auto images = static_cast<std::int64_t>(manifest_.entries.size());
  std::int64_t count = 0;
  for (const std::int64_t number : batches) count += std::min<std::int64_t>(batch_size_, images - number * batch_size_);
  return count;
}

GraphSpec ImageGraph::make_spec() const {
  GraphSpec spec;
  spec.item_count = static_cast<std::int64_t>(manifest_.entries.size());
  spec.batch_size = batch_size_;
  spec.item_nodes = {{"read", &read_, 0},
                     {"decode", &decode_, concurrency_.decode},
                     {"resize", &resize_, concurrency_.decode},
                     {"normalize", &normalize_, 0}};
  spec.batch_node.concurrency = concurrency_.replicas;
  spec.threads = concurrency_.threads;
  spec.make_payload = [capacity = batch_size_, values = preprocessor_.value_count()](const Batch&) {
    return std::make_unique<ImageBatch>(capacity, values);
  };
  return spec;
}

std::vector<MeteredNode> ImageGraph::metered_nodes(const std::string& batch_stage) const {
  const int threads = concurrency_.threads;
  std::vector<MeteredNode> nodes;
  for (const ItemNode& node : make_spec().item_nodes)
    nodes.push_back({node.name, node.concurrency > 0 ? std::min(node.concurrency, threads) : threads});
  nodes.push_back({batch_stage, std::min(concurrency_.replicas, threads)});
  nodes.push_back({"commit", 1});
  return nodes;
}

int ImageGraph::items_in_flight() const { return items_in_flight_bound(make_spec()); }

std::int64_t ImageGraph::memory_bound_bytes() const {
  const GraphSpec spec = make_spec();
  const std::int64_t in_flight = items_in_flight_bound(spec);
  const auto slab = static_cast<std::int64_t>(sizeof(float) * preprocessor_.value_count());
  // Only as many images are decoded at once as there are threads; the others wait as files or slab rows.
  std::int64_t largest_file = 0;
  for (const ManifestEntry& entry : manifest_.entries) largest_file = std::max(largest_file, entry.file.bytes);
  return in_flight * (slab + largest_file) + concurrency_.threads * (3 * jpeg_.max_pixels + jpeg_.max_memory_bytes);
}

GraphSummary ImageGraph::run(std::vector<std::int64_t> numbers, BatchNode stage, SinkNode sink, const StopToken& stop,
                             RunObserver* observer, std::function<void()> on_failure) {
  GraphSpec spec = make_spec();
  spec.batch_numbers = std::move(numbers);
  stage.concurrency = concurrency_.replicas;
  spec.batch_node = std::move(stage);
  spec.sink_node = std::move(sink);
  spec.stop = &stop;
  spec.observer = observer;
  spec.on_failure = std::move(on_failure);
  return run_graph(spec);
}

std::vector<std::int64_t> batches_left(std::int64_t count, const std::vector<std::int64_t>& done) {
  std::vector<std::int64_t> left;
  auto next_done = done.begin();
  for (std::int64_t number = 0; number < count; ++number) {
    if (next_done != done.end() && *next_done == number)
      ++next_done;
    else
      left.push_back(number);
  }
  return left;
}

}  // namespace qeval
