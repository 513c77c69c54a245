# Every login: a locale that the image has. An interactive one, once: what the rescue system found on this machine, and
# how long the session has.
export LANG=C.UTF-8 LC_ALL=C.UTF-8

lifeboat_say_time_left() {
  { read -r end < /run/lifeboat/deadline && read -r up rest < /proc/uptime; } 2>/dev/null || return 0
  left=$((end - ${up%%.*}))
  if [ "$left" -gt 0 ]; then
    printf 'This session ends in %d h %d min.\n\n' $((left / 3600)) $((left % 3600 / 60))
  else
    printf 'THE TIME OF THIS SESSION IS UP: what it had mounted was unmounted.\n\n'
  fi
  unset end up rest left
}

case $- in
  *i*)
    if [ -z "${TMUX:-}" ] && [ -r /run/lifeboat/report.txt ]; then
      cat /run/lifeboat/report.txt
      lifeboat_say_time_left
    fi
    ;;
esac
unset -f lifeboat_say_time_left
