# The lock as a value and as text; apart from the rest of build/, so that its fuzzer needs no more than it does.
lifeboat_library(lifeboat_lock
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/lock.cpp ${CMAKE_CURRENT_LIST_DIR}/lock_text.cpp
  LINKS lifeboat_recipe lifeboat_fetch lifeboat_package lifeboat_base)
