// Nothing but a source for the targets that hold precompiled headers: CMake wants one.
