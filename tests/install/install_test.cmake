# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs synoptic::promql from BUILD into a folder of its own, builds examples/embed against it in
# another, and compares what it prints.

function(run output)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${code}\n${out}${err}")
  endif()
  set(${output} "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)
run(unused ${CMAKE_COMMAND} --install ${BUILD} --component promql --prefix ${prefix})

# Each public header stands alone: nothing it includes stayed behind.
file(GLOB_RECURSE headers RELATIVE ${prefix}/include/synoptic ${prefix}/include/synoptic/*.h)
list(LENGTH headers count)
if(count LESS 15)
  message(FATAL_ERROR "only ${count} headers are installed")
endif()
set(includes)
foreach(header ${headers})
  string(APPEND includes "#include \"${header}\"\n")
endforeach()
file(WRITE ${WORK}/headers.cc "${includes}")
run(unused ${CXX} -std=c++20 -fsyntax-only -I ${prefix}/include/synoptic ${WORK}/headers.cc)

run(unused ${CMAKE_COMMAND} -S ${SOURCE}/examples/embed -B ${WORK}/embed -G Ninja
  -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_PREFIX_PATH=${prefix})
run(unused ${CMAKE_COMMAND} --build ${WORK}/embed)

function(expect query wanted)
  run(printed ${WORK}/embed/embed ${query})
  if(NOT printed STREQUAL "${wanted}")
    message(FATAL_ERROR "embed ${query}\nprinted:\n${printed}\nwanted:\n${wanted}")
  endif()
endfunction()
expect("sum by (region) (rate(http_requests_total[2m]))"
  "sum by (region) (rate(http_requests_total[2m]))
{region=\"eu\"} 3 3 3 3 3 3
{region=\"us\"} 5 5 5 5 5 5
")
expect("1+topk(1,http_requests_total)>2000"
  "1 + topk(1, http_requests_total) > 2000
{region=\"us\"} 2101 2401 2701 3001
")
