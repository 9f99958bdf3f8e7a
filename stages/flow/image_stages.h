#pragma once
/// The item stages of an image job: read → decode → resize → normalize.
/// Thread-safety: immutable; process runs concurrently. Ownership: references given must outlive the stage.
#include "pipeline/stage.h"
#include "stages/dataset/manifest.h"
#include "stages/image/preprocess.h"

namespace qeval {

/// Reads the whole file. What is read is what the manifest's fingerprint says: InputError, which ends the run, if the
/// file's content is another one by now, or can no longer be read. ItemError "unreadable" for one that could not be
/// read then, either.
class ReadStage : public ItemStage {
 public:
  explicit ReadStage(const Manifest& manifest) : manifest_(manifest) {}
  void process(Item& item) const override;

 private:
  const Manifest& manifest_;
};

/// JPEG bytes → pixels; gray ones for a network of one channel.
class DecodeStage : public ItemStage {
 public:
  explicit DecodeStage(const JpegLimits& limits, int channels = 3) : limits_(limits), channels_(channels) {}
  void process(Item& item) const override;

 private:
  JpegLimits limits_;
  int channels_;
};

/// All geometric steps.
class ResizeStage : public ItemStage {
 public:
  explicit ResizeStage(const Preprocessor& preprocessor) : preprocessor_(preprocessor) {}
  void process(Item& item) const override;

 private:
  const Preprocessor& preprocessor_;
};

/// Pixels → the item's slot in the batch's slab.
class NormalizeStage : public ItemStage {
 public:
  explicit NormalizeStage(const Preprocessor& preprocessor) : preprocessor_(preprocessor) {}
  void process(Item& item) const override;

 private:
  const Preprocessor& preprocessor_;
};

}  // namespace qeval
