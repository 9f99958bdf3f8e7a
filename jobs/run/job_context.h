#pragma once
/// What every step of a job needs and none makes for itself. Ownership: refers to what its maker owns.
/// Thread-safety: of its parts.
#include "jobs/language/job_spec.h"
#include "jobs/run/job_observer.h"
#include "pipeline/stop_token.h"
#include "stages/infer/executor_factory.h"
#include "storage/file_memory.h"
#include "storage/run_store.h"

namespace qeval {

struct JobContext {
  RunStore& store;
  StopToken& stop;
  JobObserver& observer;
  const ExecutorFactory& executors;
  FileMemory* memory = nullptr;  ///< what files hold; null: every file is read
};

/// Of image sets; notes go to the observer. `context` must outlive them.
ImageSetsSurroundings image_surroundings(const JobContext& context);

}  // namespace qeval
