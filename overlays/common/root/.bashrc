# Interactive shells of root in the rescue system.
case $- in
  *i*) ;;
  *) return ;;
esac

PS1='\[\e[1;33m\]rescue\[\e[0m\]:\w\$ '
HISTCONTROL=ignoreboth
HISTSIZE=10000
shopt -s checkwinsize

alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias ip='ip --color=auto'
