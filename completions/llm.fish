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
