# The libraries that libqeval_infer.so is linked with, as `tools/gpu-check pack` took them from a build elsewhere: with
# them the executor library alone can be built where there is a compiler and LibTorch and nothing else.
foreach(name base model quant)
  add_library(qeval_${name} STATIC IMPORTED GLOBAL)
  set_target_properties(qeval_${name} PROPERTIES IMPORTED_LOCATION ${QEVAL_PREBUILT}/lib/libqeval_${name}.a)
  target_link_libraries(qeval_${name} INTERFACE qeval_settings)
endforeach()
file(GLOB crypto ${QEVAL_PREBUILT}/lib/libcrypto.so.*)
target_link_libraries(qeval_base INTERFACE ${crypto})
target_link_libraries(qeval_model INTERFACE qeval_base)
target_link_libraries(qeval_quant INTERFACE qeval_model)
