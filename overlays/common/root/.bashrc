# Interactive shells of root in the rescue system.
case $- in
  *i*) ;;
  *) return ;;
esac

# How long the session has: "[23h59 left] ". It takes no process: the init has left the end, in seconds of uptime.
lifeboat_time_left() {
  local end up left
  lifeboat_left=
  { read -r end < /run/lifeboat/deadline && read -r up _ < /proc/uptime; } 2>/dev/null || return 0
  left=$((end - ${up%%.*}))
  if ((left >= 3600)); then
    printf -v lifeboat_left '[%dh%02d left] ' $((left / 3600)) $((left % 3600 / 60))
  elif ((left >= 60)); then
    printf -v lifeboat_left '[%dm left] ' $((left / 60))
  elif ((left > 0)); then
    printf -v lifeboat_left '[%ds left] ' "$left"
  else
    lifeboat_left='[TIME IS UP] '
  fi
}
PROMPT_COMMAND=lifeboat_time_left
PS1='${lifeboat_left}\[\e[1;33m\]\u@\h\[\e[0m\]:\w\$ '
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize

alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias ip='ip --color=auto'
