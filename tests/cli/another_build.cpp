// An executor library of another build of qeval: what it would do with this one's objects, nobody knows.
#include <cstdlib>

extern "C" {

#ifdef QEVAL_SAYS_ITS_BUILD
const char* qeval_build_identity() { return "0.0.1, sources 0123456789abcdef"; }
void qeval_executors() { std::abort(); }
#else
void qeval_make_executor() { std::abort(); }
void qeval_describe_executor() { std::abort(); }
#endif
}
