# Compiler policy for every target, and two helpers: qeval_library and qeval_test.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Assertions stay on in Release: a wrong result costs more than the check.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

find_program(QEVAL_CCACHE ccache)
if(QEVAL_CCACHE)
  # The base folder lets clones in other places share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${QEVAL_CCACHE})
endif()

add_library(qeval_settings INTERFACE)
target_include_directories(qeval_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(qeval_settings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror
                                                # GCC 12 sees overlaps and overflows in std::string and fmt 9 that
                                                # cannot be (its bugs 105651 and 105329, fixed in 13).
                                                -Wno-restrict -Wno-stringop-overflow
                                                # Results must not depend on whether the compiler fuses a·b+c.
                                                -ffp-contract=off)
if(QEVAL_SANITIZE)
  # Instrumented code hides from GCC's flow analysis which member of a std::variant is alive: it warns of moved vectors.
  target_compile_options(qeval_settings INTERFACE -fsanitize=${QEVAL_SANITIZE} -fno-omit-frame-pointer
                                                  -Wno-maybe-uninitialized)
  target_link_options(qeval_settings INTERFACE -fsanitize=${QEVAL_SANITIZE})
endif()

# qeval_library(NAME SOURCES …): one static library per folder.
function(qeval_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC qeval_settings)
endfunction()

# qeval_test(NAME SOURCES a.cpp … LIBS lib …): one GoogleTest executable; every TEST becomes one ctest.
function(qeval_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main qeval_settings)
  target_compile_definitions(${name} PRIVATE QEVAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # PRE_TEST: post-build discovery would run sanitized binaries during the build.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 1200)
endfunction()
