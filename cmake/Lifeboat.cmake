# The compiler settings of the whole project, and the three kinds of targets in it.
# Every folder is one library (lifeboat_library) that links only what design.md's arrows allow.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(lifeboat_settings INTERFACE)
target_include_directories(lifeboat_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(lifeboat_settings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wimplicit-fallthrough
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=./build)
if(LIFEBOAT_SANITIZE)
  # g++ 12 sees uninitialised variables in <regex> once the sanitizers are on; there are none.
  target_compile_options(lifeboat_settings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  target_link_options(lifeboat_settings INTERFACE -fsanitize=address,undefined)
endif()

if(LIFEBOAT_FUZZ)
  # The warnings are g++'s, in the other builds.
  target_compile_options(lifeboat_settings INTERFACE -w -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS)
  target_link_options(lifeboat_settings INTERFACE -fsanitize=address,undefined)
endif()

# Catch2's assertions are most of what there is to compile in a test: optimising them takes a quarter to half of the time,
# for nothing that a test would be faster by.
set(LIFEBOAT_TEST_OPTIONS $<$<CONFIG:RelWithDebInfo>:-O0>)

# A file's headers are most of what there is to compile: with ten files as one compiler's input, all takes three fifths of the time; twenty take no more.
# Their file-level names meet there, hence no -Wshadow; LIFEBOAT_UNITY=OFF and `make sanitize` compile each file alone, with it.
if(LIFEBOAT_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)
  target_compile_options(lifeboat_settings INTERFACE -Wno-shadow)
endif()

# ALONE, of each function below: files among the sources that are compiled by themselves also in a unity build, as their names
# are another's of the same target (each command of the rescue tools has its `usage`).
macro(lifeboat_alone)
  set_source_files_properties(${ARG_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endmacro()

# lifeboat_library(NAME SOURCES a.cpp ... LINKS target ... [ALONE a.cpp ...])
function(lifeboat_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINKS;ALONE")
  lifeboat_alone()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC lifeboat_settings ${ARG_LINKS})
endfunction()

# lifeboat_program(NAME SOURCES ... LINKS ... [ALONE ...]): lands in build/bin
function(lifeboat_program name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINKS;ALONE")
  lifeboat_alone()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lifeboat_settings ${ARG_LINKS})
endfunction()

# lifeboat_test(NAME SOURCES ... LINKS ... [ALONE ...] [LABELS ...] [TIMEOUT seconds] [COST seconds]): a Catch2 program that
# ctest runs, those of the highest COST first: what is long and waits a lot has others beside it then.
# Tests find committed data through LIFEBOAT_SOURCE_DIR and built programs through LIFEBOAT_BINARY_DIR.
function(lifeboat_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "TIMEOUT;COST" "SOURCES;LINKS;ALONE;LABELS")
  lifeboat_alone()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lifeboat_settings lifeboat_testing ${ARG_LINKS})
  # Only lifeboat-init is optimised as one program; tests take its objects as they are.
  target_link_options(${name} PRIVATE -fno-lto)
  target_compile_options(${name} PRIVATE "${LIFEBOAT_TEST_OPTIONS}")
  target_compile_definitions(${name} PRIVATE
    LIFEBOAT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LIFEBOAT_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(ARG_COST)
    set_tests_properties(${name} PROPERTIES COST ${ARG_COST})
  endif()
  if(ARG_LABELS MATCHES "qemu|image")
    set_tests_properties(${name} PROPERTIES PROCESSORS 2)  # a guest has two; building an image takes all
  endif()
endfunction()
