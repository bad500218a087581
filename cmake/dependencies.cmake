# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# Debian 12 packages, found once here. scripts/lib/packages.txt installs them.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(absl REQUIRED)
find_package(Protobuf REQUIRED)
find_package(Snappy REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(mimalloc REQUIRED)
find_package(SQLite3 REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)

add_library(synoptic_re2 INTERFACE)
target_link_libraries(synoptic_re2 INTERFACE ${RE2_LIBRARY})
add_library(synoptic_xxhash INTERFACE)
target_link_libraries(synoptic_xxhash INTERFACE ${XXHASH_LIBRARY})
# Its own CMake files ask for more than Debian's package brings along.
add_library(synoptic_rocksdb INTERFACE)
target_link_libraries(synoptic_rocksdb INTERFACE ${ROCKSDB_LIBRARY})
add_library(synoptic_hiredis INTERFACE)
target_link_libraries(synoptic_hiredis INTERFACE ${HIREDIS_LIBRARY})
