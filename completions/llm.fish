# Completion of llm for fish; made by `llm completions fish`.
function __llm_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in (env _LLM_COMPLETE=1 $words[1] $words[2..-1] "$word" 2>/dev/null </dev/null)
        if test "$line" = :files
            __fish_complete_path "$word"
        else
            echo $line
        end
    end
end
complete -c llm -f -a '(__llm_complete)'
complete -c localm -f -a '(__llm_complete)'
