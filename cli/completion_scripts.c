/* Scripts that make shells ask `sbmt help --complete` what a word can become. */
#include "cli/completion.h"

/* Bash cuts words at '=' and ':' as well: the words are cut here anew, at blanks, and what bash
 * takes for the word is behind the last '='. */
static const char bash[] =
    "# Completion of sbmt for bash, made by `sbmt help --completion bash`.\n"
    "_sbmt() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} word reply\n"
    "    local -a words\n"
    "    COMPREPLY=()\n"
    "    read -ra words <<<\"$line\"\n"
    "    if [[ $line == *' ' ]]; then\n"
    "        words+=('')\n"
    "    fi\n"
    "    word=${words[-1]}\n"
    "    while IFS= read -r reply; do\n"
    "        case $reply in\n"
    "        :file) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$word\")\n"
    "            compopt -o filenames 2>/dev/null ;;\n"
    "        :folder) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"$word\")\n"
    "            compopt -o filenames 2>/dev/null ;;\n"
    "        *)\n"
    "            reply=${reply%%$'\\t'*}\n"
    "            if [[ $reply == *= ]]; then\n"
    "                compopt -o nospace 2>/dev/null\n"
    "            fi\n"
    "            if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then\n"
    "                reply=${reply#\"${word%=*}=\"}\n"
    "            fi\n"
    "            COMPREPLY+=(\"$reply\") ;;\n"
    "        esac\n"
    "    done < <(\"${words[0]}\" help --complete -- \"${words[@]:1}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _sbmt sbmt\n";

static const char zsh[] = "#compdef sbmt\n"
                          "# Completion of sbmt for zsh, made by `sbmt help --completion zsh`.\n"
                          "_sbmt() {\n"
                          "    local reply word\n"
                          "    local -a plain open\n"
                          "    for reply in ${(f)\"$(\"${words[1]}\" help --complete -- \\\n"
                          "        \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
                          "        case $reply in\n"
                          "        :file) _files ;;\n"
                          "        :folder) _files -/ ;;\n"
                          "        *)\n"
                          "            word=${reply%%$'\\t'*}\n"
                          "            if [[ $word == *= ]]; then\n"
                          "                open+=(\"$word\")\n"
                          "            else\n"
                          "                plain+=(\"${word//:/\\\\:}:${${reply#$word}#$'\\t'}\")\n"
                          "            fi ;;\n"
                          "        esac\n"
                          "    done\n"
                          "    (( ${#open} )) && compadd -S '' -- $open\n"
                          "    (( ${#plain} )) && _describe -V sbmt plain\n"
                          "}\n"
                          "compdef _sbmt sbmt\n";

static const char fish[] =
    "# Completion of sbmt for fish, made by `sbmt help --completion fish`.\n"
    "function __sbmt_words\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l word (commandline -ct)\n"
    "    for reply in ($words[1] help --complete -- $words[2..-1] 2>/dev/null)\n"
    "        switch $reply\n"
    "            case :file\n"
    "                __fish_complete_path $word\n"
    "            case :folder\n"
    "                __fish_complete_directories $word\n"
    "            case '*'\n"
    "                echo $reply\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c sbmt -f -a '(__sbmt_words)'\n";

void sbmt_completion_script(enum sbmt_shell shell, struct sbmt_str *out)
{
    static const char *const scripts[] = {
        [SBMT_SHELL_NONE] = "",
        [SBMT_SHELL_BASH] = bash,
        [SBMT_SHELL_ZSH] = zsh,
        [SBMT_SHELL_FISH] = fish,
    };
    sbmt_str_printf(out, "%s", scripts[shell]);
}
