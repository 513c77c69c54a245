#!/bin/sh
# run.sh NAME PROGRAM FOLDER CORPUS: fuzzes one parser for FUZZ_SECONDS (30), beginning with CORPUS. What it finds of new ways through the code is kept in
# FOLDER/NAME, so that the next run goes on from there; an input that crashes, leaks, hangs or eats memory ends the run and is
# kept as FOLDER/NAME-crash-*, -leak-*, -timeout-*, -oom-*. `PROGRAM INPUT` repeats it.
set -eu
name=$1 program=$2 folder=$3 corpus=$4
mkdir -p "$folder/$name"
export UBSAN_OPTIONS=print_stacktrace=1
exec "$program" -max_total_time="$((${FUZZ_SECONDS:-30} * ${FUZZ_TIMES:-1}))" -timeout=100 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
  -artifact_prefix="$folder/$name-" "$folder/$name" "$corpus"
