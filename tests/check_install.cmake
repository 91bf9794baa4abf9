# Installs the built package into a folder of its own, then configures, builds and runs a small consumer of it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}\n${output}")
  endif()
endfunction()

cmake_minimum_required(VERSION 3.22)

set(prefix ${BUILD_DIR}/install_test/prefix)
set(consumer_build ${BUILD_DIR}/install_test/consumer)
file(REMOVE_RECURSE ${BUILD_DIR}/install_test)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${consumer_build} -G Ninja -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${consumer_build})
run(${consumer_build}/consumer)
run(${prefix}/bin/landseam --version)
