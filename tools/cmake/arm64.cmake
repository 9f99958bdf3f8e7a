# Debian's cross compiler for 64-bit ARM, the libraries that `tools/setup --cross` unpacks into .cross/arm64, and
# qemu-user to run what was built.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

cmake_path(SET qeval_arm64_root NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../../.cross/arm64)
set(qeval_arm64_libraries ${qeval_arm64_root}/usr/lib/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH ${qeval_arm64_root} /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${qeval_arm64_libraries}/pkgconfig:${qeval_arm64_root}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${qeval_arm64_root})

# Headers that differ from machine to machine.
set(CMAKE_CXX_FLAGS_INIT "-isystem ${qeval_arm64_root}/usr/include/aarch64-linux-gnu")
# What a library is linked with itself.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${qeval_arm64_libraries}")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu
    -E LD_LIBRARY_PATH=${qeval_arm64_libraries}:${qeval_arm64_root}/lib/aarch64-linux-gnu:/usr/aarch64-linux-gnu/lib)
