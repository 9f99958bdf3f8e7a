# Compiler policy for every target, and the helpers qeval_library, qeval_command_library and qeval_test.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Assertions stay on in Release: a wrong result costs more than the check.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

find_program(QEVAL_CCACHE ccache)
if(QEVAL_CCACHE)
  # The base folder lets clones in other places share the cache. The sloppiness is what ccache asks for where headers
  # are precompiled: nothing here uses __TIME__, and what a header's macros were is in the hash of the precompiled file.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_SLOPPINESS=pch_defines,time_macros ${QEVAL_CCACHE})
endif()

add_library(qeval_settings INTERFACE)
target_include_directories(qeval_settings INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                                                    $<INSTALL_INTERFACE:include/qeval>)
target_compile_features(qeval_settings INTERFACE $<INSTALL_INTERFACE:cxx_std_20>)
target_compile_options(qeval_settings INTERFACE $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra>
                                                $<BUILD_INTERFACE:-Wshadow> $<BUILD_INTERFACE:-Wnon-virtual-dtor>
                                                $<BUILD_INTERFACE:-Werror>
                                                # GCC 12 sees overlaps and overflows in std::string and fmt 9 that
                                                # cannot be (its bugs 105651 and 105329, fixed in 13).
                                                $<BUILD_INTERFACE:-Wno-restrict>
                                                $<BUILD_INTERFACE:-Wno-stringop-overflow>
                                                # Results must not depend on whether the compiler fuses a·b+c: in
                                                # functions of headers, not on the compiler of a foreign program.
                                                -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  # -fpch-preprocess: without it ccache cannot see which precompiled headers a preprocessed file was made with.
  # -Wno-array-bounds: GCC 12's bug 105651 again, in std::string from a precompiled header; the other presets ask.
  target_compile_options(qeval_settings INTERFACE $<BUILD_INTERFACE:-fpch-preprocess>
                                                  $<BUILD_INTERFACE:-Wno-array-bounds>)
endif()
if(QEVAL_SANITIZE)
  # Instrumented code hides from GCC's flow analysis which member of a std::variant is alive: it warns of moved vectors.
  target_compile_options(qeval_settings INTERFACE -fsanitize=${QEVAL_SANITIZE} -fno-omit-frame-pointer
                                                  $<BUILD_INTERFACE:-Wno-maybe-uninitialized>)
  target_link_options(qeval_settings INTERFACE -fsanitize=${QEVAL_SANITIZE})
endif()

include(SourceGroups)
include(PrecompiledHeaders)
qeval_precompiled_headers(standard)

# For code that runs once per job or test and never per pixel: more optimization would cost the time of compiling only.
# What computes a stored bit keeps -O3.
function(qeval_optimize_less target)
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
endfunction()

# qeval_library(NAME SOURCES …): one static library per folder.
function(qeval_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC qeval_settings)
  target_precompile_headers(${name} REUSE_FROM precompiled_standard)
endfunction()

# qeval_command_library(NAME SOURCES …): the same for a folder of which nothing is hot.
function(qeval_command_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC qeval_settings PRIVATE fmt::fmt)
  qeval_optimize_less(${name})
endfunction()

# qeval_test(NAME SOURCES a.cpp … LIBS lib … [HEADERS <h> …]): one GoogleTest executable; every TEST becomes one ctest with
# the label NAME. HEADERS: what else to precompile for this one. ENVIRONMENT: variables of its tests.
function(qeval_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;HEADERS;ENVIRONMENT" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main qeval_settings)
  target_compile_definitions(${name} PRIVATE QEVAL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  qeval_optimize_less(${name})
  if(ARG_HEADERS)
    target_precompile_headers(${name} PRIVATE ${qeval_test_headers} ${ARG_HEADERS})
  else()
    target_precompile_headers(${name} REUSE_FROM precompiled_test)
  endif()
  # PRE_TEST: post-build discovery would run sanitized binaries during the build.
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 1200 LABELS ${name} ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
