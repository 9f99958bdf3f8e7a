# Several sources as one for the compiler: headers are parsed, and templates instantiated, once per group of files
# instead of once per file, which is most of what compiling a file here takes.
#
# Files of one group share their unnamed namespaces: two names that are the same there end the build, and one of them
# wants to say more. The presets dev, asan and tsan compile file by file, so that each file includes what it uses.
option(QEVAL_GROUP_SOURCES "Compile up to eight sources of a folder as one" OFF)

# qeval_group(LIST): replaces the sources in the variable LIST. CMake's UNITY_BUILD would write the clone's path into the
# files, and clones in other places could not share a compiler cache.
function(qeval_group list)
  if(NOT QEVAL_GROUP_SOURCES)
    return()
  endif()
  set(groups "")
  set(text "")
  set(number 0)
  list(LENGTH ${list} left)
  foreach(source IN LISTS ${list})
    cmake_path(ABSOLUTE_PATH source)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
    string(APPEND text "#include \"${source}\"\n")
    math(EXPR number "${number} + 1")
    math(EXPR left "${left} - 1")
    math(EXPR place "${number} % 8")
    if(place EQUAL 0 OR left EQUAL 0)
      set(group ${CMAKE_CURRENT_BINARY_DIR}/${list}_${number}.cpp)
      file(CONFIGURE OUTPUT ${group} CONTENT "${text}" @ONLY)
      list(APPEND groups ${group})
      set(text "")
    endif()
  endforeach()
  set(${list} ${groups} PARENT_SCOPE)
endfunction()
