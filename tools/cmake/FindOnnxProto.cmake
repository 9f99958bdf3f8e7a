# Finds the generated protobuf classes of the ONNX format (Debian: libonnx-dev) and defines the target onnx_proto.
# The package's own ONNXConfig.cmake is not used: it wants files that Debian does not ship.
find_package(Protobuf REQUIRED)
find_path(OnnxProto_INCLUDE_DIR onnx/onnx_pb.h)
find_library(OnnxProto_LIBRARY onnx_proto)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxProto REQUIRED_VARS OnnxProto_LIBRARY OnnxProto_INCLUDE_DIR)

if(OnnxProto_FOUND AND NOT TARGET onnx_proto)
  add_library(onnx_proto INTERFACE IMPORTED GLOBAL)
  set_target_properties(onnx_proto PROPERTIES
    INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${OnnxProto_INCLUDE_DIR}
    INTERFACE_INCLUDE_DIRECTORIES ${OnnxProto_INCLUDE_DIR})
  # By path: protobuf::libprotobuf is visible in this folder only.
  target_link_libraries(onnx_proto INTERFACE ${OnnxProto_LIBRARY} ${Protobuf_LIBRARIES})
endif()
mark_as_advanced(OnnxProto_INCLUDE_DIR OnnxProto_LIBRARY)
