#pragma once
/// Tells ThreadSanitizer the order that oneTBB gives to the bodies of a graph.
///
/// A distribution's oneTBB is not built for ThreadSanitizer, which therefore cannot see that a message handed from one
/// node to the next orders the two bodies. These marks say exactly what the flow graph promises and no more: nothing is
/// ordered between bodies that work on different messages of a node that is not serial, so races there are still found.
/// Without ThreadSanitizer they are nothing.
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace qeval {

#if defined(__SANITIZE_THREAD__)
inline void publish_order(const void* address) { __tsan_release(const_cast<void*>(address)); }
inline void receive_order(const void* address) { __tsan_acquire(const_cast<void*>(address)); }
#else
inline void publish_order(const void*) {}
inline void receive_order(const void*) {}
#endif

/// Begin and end of a run: what its caller did before is seen by all bodies, what they did is seen by the caller after.
struct RunOrder {
  char begin = 0;  ///< only the addresses matter
  char end = 0;
};

/// Lives as long as one body. `message` is what it was given, `serial_node` the node if it runs one body at a time.
class BodyOrder {
 public:
  BodyOrder(const RunOrder& run, const void* message, const void* serial_node)
      : run_(run), message_(message), serial_node_(serial_node) {
    receive_order(&run_.begin);
    receive_order(message_);
    if (serial_node_ != nullptr) receive_order(serial_node_);
  }
  ~BodyOrder() {
    publish_order(message_);
    if (serial_node_ != nullptr) publish_order(serial_node_);
    publish_order(&run_.end);
  }
  BodyOrder(const BodyOrder&) = delete;
  BodyOrder& operator=(const BodyOrder&) = delete;

 private:
  const RunOrder& run_;
  const void* message_;
  const void* serial_node_;
};

}  // namespace qeval
