set nocompatible
set backspace=indent,eol,start
set ruler
