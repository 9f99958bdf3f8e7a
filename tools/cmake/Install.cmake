# cmake --install: a tree that may be moved as a whole. The program finds the executor library and the ready-made jobs
# from where it lies; find_package(qeval) gives other programs qeval::job_run, with which they run jobs themselves.
# LibTorch is not copied: the executor library finds it where it was when it was built, or beside itself.
install(TARGETS qeval RUNTIME DESTINATION bin)
if(QEVAL_WITH_TORCH)
  install(TARGETS qeval_infer LIBRARY DESTINATION lib)
endif()
install(DIRECTORY jobs/ DESTINATION share/qeval/jobs FILES_MATCHING
        PATTERN *.yaml PATTERN job.schema.json PATTERN README.md
        PATTERN language EXCLUDE PATTERN prepare EXCLUDE PATTERN compare EXCLUDE PATTERN run EXCLUDE
        PATTERN report EXCLUDE)

# Headers lie as in this repository, below a folder of their own. Of stages/infer only what needs no LibTorch.
install(DIRECTORY jobs pipeline stages storage DESTINATION include/qeval FILES_MATCHING
        PATTERN *.h PATTERN sql EXCLUDE PATTERN infer EXCLUDE)
foreach(name build_identity executor executor_factory executor_library layerwise_executor sensitivity_executor)
  install(FILES stages/infer/${name}.h DESTINATION include/qeval/stages/infer)
endforeach()

install(DIRECTORY stages/infer/integer stages/infer/kernels DESTINATION include/qeval/stages/infer FILES_MATCHING
        PATTERN *.h)

set(libraries settings base pipeline image dataset model onnx_import quant onnx_export metrics kernels integer infer_loader flow storage
              job_language job_prepare job_compare job_run job_report)
foreach(name ${libraries})
  set_target_properties(qeval_${name} PROPERTIES EXPORT_NAME ${name})
endforeach()
list(TRANSFORM libraries PREPEND qeval_)
set(package lib/cmake/qeval)
install(TARGETS ${libraries} EXPORT qeval ARCHIVE DESTINATION lib)
install(EXPORT qeval NAMESPACE qeval:: FILE qevalTargets.cmake DESTINATION ${package})

include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/qevalConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES tools/cmake/qevalConfig.cmake tools/cmake/FindOnnxProto.cmake
              ${CMAKE_BINARY_DIR}/generated/qevalConfigVersion.cmake
        DESTINATION ${package})
