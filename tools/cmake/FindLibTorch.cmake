# Finds LibTorch (CPU or CUDA) and defines LibTorch::LibTorch: its headers as system headers, its libraries by path.
#
# Searched in this order: Torch_DIR, CMAKE_PREFIX_PATH (variable and environment), the environment variable
# QEVAL_LIBTORCH, and a virtual environment .venv in the source folder. Each may be the folder of an unpacked LibTorch
# archive, a wheel's site-packages/torch, or the share/cmake folder inside either.
#
# TorchConfig.cmake itself is not run: it changes compile flags of the whole directory, needs a CUDA toolkit where only
# ATen's device-agnostic interface is used, and warns about tracing libraries that nothing here calls.
file(GLOB _venv_torch LIST_DIRECTORIES true ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
string(REPLACE ":" ";" _prefix_environment "$ENV{CMAKE_PREFIX_PATH}")
find_path(LibTorch_CONFIG_DIR TorchConfig.cmake
          PATHS ${Torch_DIR} ${CMAKE_PREFIX_PATH} ${_prefix_environment} $ENV{QEVAL_LIBTORCH} ${_venv_torch}
          PATH_SUFFIXES share/cmake/Torch Torch cmake/Torch
          NO_DEFAULT_PATH)

if(LibTorch_CONFIG_DIR)
  cmake_path(SET LibTorch_ROOT NORMALIZE ${LibTorch_CONFIG_DIR}/../../..)
  set(PACKAGE_FIND_VERSION 0)
  include(${LibTorch_CONFIG_DIR}/TorchConfigVersion.cmake OPTIONAL)
  string(REGEX MATCH "^[0-9.]+" LibTorch_VERSION "${PACKAGE_VERSION}")
  foreach(_name torch_cpu c10 torch_cuda c10_cuda)
    find_library(LibTorch_${_name}_LIBRARY ${_name} PATHS ${LibTorch_ROOT}/lib NO_DEFAULT_PATH)
    mark_as_advanced(LibTorch_${_name}_LIBRARY)
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LibTorch_CONFIG_DIR LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "
  qeval needs LibTorch ${LibTorch_FIND_VERSION} or newer for inference. Give its folder as
    -DCMAKE_PREFIX_PATH=/path/to/libtorch      (or .../site-packages/torch of a torch wheel)
  or configure with -DQEVAL_WITH_TORCH=OFF to build everything that does not run networks.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED GLOBAL)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${LibTorch_ROOT}/include
    INTERFACE_INCLUDE_DIRECTORIES ${LibTorch_ROOT}/include)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_torch_cpu_LIBRARY} ${LibTorch_c10_LIBRARY})
  if(LibTorch_torch_cuda_LIBRARY)
    # Nothing refers to a symbol of these: they register CUDA kernels when they are loaded.
    target_link_libraries(LibTorch::LibTorch INTERFACE "-Wl,--no-as-needed" ${LibTorch_torch_cuda_LIBRARY}
                                                       ${LibTorch_c10_cuda_LIBRARY} "-Wl,--as-needed")
  endif()
endif()
mark_as_advanced(LibTorch_CONFIG_DIR)
