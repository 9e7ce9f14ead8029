"""The completion scripts of the shells; each asks the program back: see completion.py."""

from enum import StrEnum


class Shell(StrEnum):
    """The shells that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_BASH = """\
# Completion of llm for bash; made by `llm completions bash`.
_llm() {
    local word=${COMP_WORDS[COMP_CWORD]} line
    COMPREPLY=()
    while IFS= read -r line; do
        if [ "$line" = :files ]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do
                COMPREPLY+=("$line")
            done < <(compgen -f -- "${word#=}")
        elif [ -n "$line" ]; then
            COMPREPLY+=("${line%%$'\\t'*}")
        fi
    done < <(_LLM_COMPLETE=1 "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -F _llm llm localm
"""
_ZSH = """\
#compdef llm localm
# Completion of llm for zsh; made by `llm completions zsh`.
_llm() {
    local line
    local -a lines found
    [[ $PREFIX == --*=* ]] && compset -P '*='
    lines=("${(@f)$(_LLM_COMPLETE=1 $words[1] "${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
    for line in "${lines[@]}"; do
        case $line in
            '') ;;
            :files) _files ;;
            *$'\\t'*) found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}") ;;
            *) found+=("${line//:/\\\\:}") ;;
        esac
    done
    (( $#found )) && _describe -V 'llm' found
}
if [[ $funcstack[1] == _llm ]]; then
    _llm "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _llm llm localm
fi
"""
_FISH = """\
# Completion of llm for fish; made by `llm completions fish`.
function __llm_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' "$word")
    for line in (env _LLM_COMPLETE=1 $words[1] $words[2..-1] "$word" 2>/dev/null </dev/null)
        if test "$line" = :files
            for path in (__fish_complete_path (string replace -- "$flag" "" "$word"))
                echo "$flag$path"
            end
        else
            echo "$flag$line"
        end
    end
end
complete -c llm -f -a '(__llm_complete)'
complete -c localm -f -a '(__llm_complete)'
"""
SCRIPTS = {Shell.BASH: _BASH, Shell.ZSH: _ZSH, Shell.FISH: _FISH}
