# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# The compiler and the flags every target of ours is built with.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} destroys some temporaries twice in statements that contain co_await "
    "(docs/adr/0001-compiler.md). Use Clang 19: scripts/build selects it.")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Everything ends in an executable: one code model for all, so that precompiled headers are shared.
add_compile_options(-fPIE)
add_link_options(-pie)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The same objects serve every checkout: paths are made relative to the tree, and a precompiled header
# is known by its content, not by its time stamp.
find_program(SYNOPTIC_CCACHE ccache)
if(SYNOPTIC_CCACHE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${SYNOPTIC_CCACHE})
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

option(SYNOPTIC_WERROR "Treat warnings of our own targets as errors" ON)
set(SYNOPTIC_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")

add_library(synoptic_flags INTERFACE)
# -ffp-contract=off: PromQL results must match Prometheus bit for bit, so no fused multiply-add.
target_compile_options(synoptic_flags INTERFACE -ffp-contract=off -fno-math-errno)
target_compile_definitions(synoptic_flags INTERFACE _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED)
if(SYNOPTIC_SANITIZE)
  # Undefined behaviour ends the program: a line in a log would fail no test.
  target_compile_options(synoptic_flags INTERFACE -fsanitize=${SYNOPTIC_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer)
  target_link_options(synoptic_flags INTERFACE -fsanitize=${SYNOPTIC_SANITIZE})
else()
  target_compile_options(synoptic_flags INTERFACE -fstack-protector-strong)
endif()
target_link_options(synoptic_flags INTERFACE -fuse-ld=lld)

add_library(synoptic_warnings INTERFACE)
target_compile_options(synoptic_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wthread-safety -Wno-sign-conversion
  $<$<BOOL:${SYNOPTIC_WERROR}>:-Werror>)
