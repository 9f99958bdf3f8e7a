/// Only for builds with ThreadSanitizer: lets it see the order that oneTBB's scheduler gives to tasks.
///
/// A distribution's libtbb is not built for ThreadSanitizer, which then takes every task handed to another thread for a
/// race. These definitions stand before the library's own at the five places where order or memory passes through it,
/// mark what the scheduler promises (what came before a task was submitted is seen by the task; what tasks did is seen
/// by who waited for them; freed memory is free) and leave the work to the library. Nothing else is ordered, so races
/// of stages and of the graph's own headers are still found.
#if defined(__SANITIZE_THREAD__)
#include <dlfcn.h>
#include <oneapi/tbb/cache_aligned_allocator.h>
#include <oneapi/tbb/task_arena.h>
#include <sanitizer/tsan_interface.h>

#include <cstdlib>
#include <new>

namespace tbb::detail {
namespace {

constexpr std::size_t cache_line = 64;

void* allocate_lines(std::size_t bytes) {
  void* memory = std::aligned_alloc(cache_line, (bytes + cache_line - 1) / cache_line * cache_line);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

template <class Function>
Function* library_function(const char* mangled) {
  void* found = dlsym(RTLD_NEXT, mangled);
  if (found == nullptr) std::abort();  // another oneTBB than the build was made for
  return reinterpret_cast<Function*>(found);
}

/// Stands for another task in the scheduler's queues. Deletes itself when the task has run or was cancelled; a task
/// that throws is cancelled afterwards.
class OrderedTask : public d1::task {
 public:
  explicit OrderedTask(d1::task& stood_for) : stood_for_(stood_for) { __tsan_release(this); }

 private:
  template <class Step>
  d1::task* finish(Step step) {
    __tsan_acquire(this);
    d1::task* next = step();
    delete this;
    return next;
  }
  d1::task* execute(d1::execution_data& data) override {
    return finish([&] { return stood_for_.execute(data); });
  }
  d1::task* cancel(d1::execution_data& data) override {
    return finish([&] { return stood_for_.cancel(data); });
  }

  d1::task& stood_for_;
};

}  // namespace

namespace r1 {

void submit(d1::task& task, d1::task_group_context& context, arena* where, std::uintptr_t as_critical) {
  static auto* const real = library_function<void(d1::task&, d1::task_group_context&, arena*, std::uintptr_t)>(
      "_ZN3tbb6detail2r16submitERNS0_2d14taskERNS2_18task_group_contextEPNS1_5arenaEm");
  real(*new OrderedTask(task), context, where, as_critical);
}

void wait(d1::wait_context& waited_for, d1::task_group_context& context) {
  static auto* const real = library_function<void(d1::wait_context&, d1::task_group_context&)>(
      "_ZN3tbb6detail2r14waitERNS0_2d112wait_contextERNS2_18task_group_contextE");
  struct SeeWhatTasksDid {  // also when the library throws
    d1::wait_context& counter;
    ~SeeWhatTasksDid() {
      counter.reserve();
      counter.release();
    }
  } const on_exit{waited_for};
  real(waited_for, context);
}

void* allocate(d1::small_object_pool*& pool, std::size_t bytes) {
  static char no_pool;
  pool = reinterpret_cast<d1::small_object_pool*>(&no_pool);
  return allocate_lines(bytes);
}
void* allocate(d1::small_object_pool*& pool, std::size_t bytes, const d1::execution_data&) {
  return allocate(pool, bytes);
}
void deallocate(d1::small_object_pool&, void* memory, std::size_t) { std::free(memory); }
void deallocate(d1::small_object_pool&, void* memory, std::size_t, const d1::execution_data&) { std::free(memory); }

// The library itself calls these two, and frees in another thread than it allocated in.
void* cache_aligned_allocate(std::size_t bytes) {
  void* memory = allocate_lines(bytes);
  __tsan_release(memory);
  return memory;
}
void cache_aligned_deallocate(void* memory) {
  __tsan_acquire(memory);
  std::free(memory);
}

}  // namespace r1
}  // namespace tbb::detail
#endif
