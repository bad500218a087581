# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` leaves behind: the program (component `program`), and the query language as a
# library of its own (component `promql`): one archive, its public headers, and the files with which
# find_package(synoptic) gives synoptic::promql.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS synoptic RUNTIME COMPONENT program)

# One archive of promql and the parts of base it may use, so that an application needs neither YAML nor
# a logger for it.
set(objects)
foreach(part model functions parse plan eval)
  list(APPEND objects $<TARGET_OBJECTS:synoptic_promql_${part}>)
endforeach()
add_library(synoptic_promql STATIC
  ${objects}
  "$<FILTER:$<TARGET_OBJECTS:synoptic_base>,EXCLUDE,/(log|metrics|yaml_[a-z]+)\\.cc\\.o$>")
set_target_properties(synoptic_promql PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME promql)
target_compile_features(synoptic_promql INTERFACE cxx_std_20)
target_include_directories(synoptic_promql INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/synoptic>)
target_link_libraries(synoptic_promql INTERFACE
  absl::flat_hash_map absl::inlined_vector absl::status absl::statusor absl::strings
  absl::synchronization fmt::fmt
  $<BUILD_INTERFACE:synoptic_re2> $<INSTALL_INTERFACE:synoptic::re2>
  $<BUILD_INTERFACE:synoptic_xxhash> $<INSTALL_INTERFACE:synoptic::xxhash>)
add_library(synoptic::promql ALIAS synoptic_promql)

# The public headers and what they include; the others are the library's own.
set(SYNOPTIC_PUBLIC_HEADERS
  base/budget.h
  base/cancel.h
  base/executor.h
  promql/eval/evaluator.h
  promql/eval/memory_source.h
  promql/functions/table.h
  promql/model/annotations.h
  promql/model/chunk.h
  promql/model/grid.h
  promql/model/histogram.h
  promql/model/histogram_math.h
  promql/model/labels.h
  promql/model/matcher.h
  promql/model/sample.h
  promql/model/series.h
  promql/model/shared_vector.h
  promql/model/topology.h
  promql/parse/ast.h
  promql/parse/parser.h
  promql/parse/preprocess.h
  promql/parse/printer.h
  promql/plan/histograms.h
  promql/plan/plan.h)
foreach(header ${SYNOPTIC_PUBLIC_HEADERS})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/synoptic/${folder} COMPONENT promql)
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/synoptic)
install(TARGETS synoptic_promql EXPORT synopticTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT promql)
install(EXPORT synopticTargets NAMESPACE synoptic:: DESTINATION ${package_dir} COMPONENT promql)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/synopticConfig.cmake.in
  ${PROJECT_BINARY_DIR}/synopticConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/synopticConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/synopticConfig.cmake
              ${PROJECT_BINARY_DIR}/synopticConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT promql)
