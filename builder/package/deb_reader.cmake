# Reading one .deb; apart from lifeboat_package, which needs libsolv and not libarchive.
lifeboat_library(lifeboat_deb_reader SOURCES deb_contents.cpp deb_reader.cpp LINKS lifeboat_tree)
