# Functions that every stage's CMakeLists.txt uses, so that a stage states only what is its own.

add_library(landseam_warnings INTERFACE)
target_compile_options(landseam_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor)
if(LANDSEAM_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

# landseam_stage(<name> SOURCES <file>... [PUBLIC <target>...] [PRIVATE <target>...])
# Makes the static library landseam_<name> with the alias landseam::<name>. Public headers are those under
# include/landseam/<name>; headers beside the sources are private.
function(landseam_stage name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(landseam_${name} STATIC ${arg_SOURCES})
  add_library(landseam::${name} ALIAS landseam_${name})
  set_target_properties(landseam_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(landseam_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_features(landseam_${name} PUBLIC cxx_std_17)
  target_link_libraries(landseam_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:landseam_warnings>)
  set_property(GLOBAL APPEND PROPERTY landseam_stage_targets landseam_${name})
endfunction()

# landseam_test(<stage> SOURCES <file>... [LIBRARIES <target>...])
# Makes <stage>_tests. LANDSEAM_TEST_DATA is the folder of committed test data; LANDSEAM_SHARED_DATA that of real imagery,
# which is not in the repository: tests that need it say so when it is absent.
function(landseam_test stage)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${stage}_tests ${arg_SOURCES})
  target_include_directories(${stage}_tests PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${stage}_tests PRIVATE
    LANDSEAM_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    LANDSEAM_SHARED_DATA="${CMAKE_SOURCE_DIR}/../shared/data")
  target_link_libraries(${stage}_tests PRIVATE landseam::${stage} ${arg_LIBRARIES} GTest::gtest GTest::gmock
    GTest::gtest_main landseam_warnings)
  gtest_discover_tests(${stage}_tests DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS ${stage} TIMEOUT 600)
endfunction()
