#pragma once
/// The executors that need LibTorch. Everything that is made here throws our own errors only.
/// Thread-safety: any thread.
#include "stages/infer/executor_factory.h"

namespace qeval {

const ExecutorFactory& torch_executors();

}  // namespace qeval
