# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# synoptic_library(<name> [SOURCES ...] [DEPS ...] [TESTS ...] [TEST_DEPS ...] [NET])
#
# One leaf folder is one library: `promql_eval` for promql/eval, alias synoptic::promql_eval, and one
# test binary `promql_eval_test` from TESTS, run by ctest as one test. NET selects the precompiled
# header that holds Asio; the others share a small one.

add_library(synoptic_pch_base OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(synoptic_pch_base PRIVATE synoptic_flags absl::status absl::statusor absl::strings)
target_precompile_headers(synoptic_pch_base PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_base.h)

add_library(synoptic_pch_net OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(synoptic_pch_net PRIVATE synoptic_flags absl::status absl::statusor absl::strings Boost::headers)
target_precompile_headers(synoptic_pch_net PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_net.h)

add_library(synoptic_pch_test OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(synoptic_pch_test PRIVATE synoptic_flags absl::status absl::statusor absl::strings GTest::gmock)
target_precompile_headers(synoptic_pch_test PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_test.h)

function(synoptic_library name)
  cmake_parse_arguments(ARG "NET" "" "SOURCES;DEPS;TESTS;TEST_DEPS" ${ARGN})
  set(target synoptic_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE synoptic_warnings)
    if(ARG_NET)
      target_precompile_headers(${target} REUSE_FROM synoptic_pch_net)
    else()
      target_precompile_headers(${target} REUSE_FROM synoptic_pch_base)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(synoptic::${name} ALIAS ${target})
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} ${scope} synoptic_flags ${ARG_DEPS})
  if(ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE ${target} synoptic_warnings ${ARG_TEST_DEPS}
                          GTest::gmock GTest::gtest GTest::gtest_main)
    if(NOT ARG_NET)
      target_precompile_headers(${name}_test REUSE_FROM synoptic_pch_test)
    else()
      target_precompile_headers(${name}_test REUSE_FROM synoptic_pch_net)
    endif()
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
