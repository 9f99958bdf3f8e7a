# Headers that most files of a kind include, parsed once per kind of target instead of once per file: parsing them is
# most of what compiling a file here takes. A file includes what it uses all the same: the presets of the sanitizers
# compile without this (CMAKE_DISABLE_PRECOMPILE_HEADERS) and find what is missing.
#
# Only what most files include: what inline functions of a header need is compiled in every file that has the header, so
# nlohmann/json.hpp, which few files include, would cost half a second in each of the others.
#
# Only headers of the system and of libraries: a change in one of the repository's own would compile everything again.
set(qeval_standard_headers
    <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <cstddef> <cstdint> <cstring> <filesystem> <fstream>
    <functional> <limits> <map> <memory> <mutex> <numeric> <optional> <set> <span> <sstream> <string> <string_view>
    <system_error> <unordered_map> <utility> <variant> <vector>)
set(qeval_test_headers ${qeval_standard_headers} <random> <thread> <gmock/gmock.h> <gtest/gtest.h>)

# qeval_precompiled_headers(NAME LIB…): the headers above as a target that others name after REUSE_FROM; LIB: what the
# headers belong to, which must be linked by whoever reuses them.
function(qeval_precompiled_headers name)
  add_library(precompiled_${name} OBJECT ${CMAKE_SOURCE_DIR}/tools/cmake/precompiled.cpp)
  target_link_libraries(precompiled_${name} PRIVATE qeval_settings ${ARGN})
  target_precompile_headers(precompiled_${name} PRIVATE ${qeval_${name}_headers})
endfunction()
