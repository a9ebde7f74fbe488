/* Scripts that make shells ask `sbmt help --complete` what a word can become. */
#include "cli/completion.h"

/* Bash cuts words at '=' and ':' as well: the words are cut here anew, at blanks, and what bash
 * takes for the word is behind the last '='. */
static const char bash[] =
    "# Completion of sbmt for bash, made by `sbmt help --completion bash`.\n"
    "_sbmt_offer() {\n"
    "    if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then\n"
    "        COMPREPLY+=(\"${1#\"${word%=*}=\"}\")\n"
    "    else\n"
    "        COMPREPLY+=(\"$1\")\n"
    "    fi\n"
    "}\n"
    "_sbmt() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} word reply before kind\n"
    "    local -a words\n"
    "    COMPREPLY=()\n"
    "    read -ra words <<<\"$line\"\n"
    "    if [[ $line == *' ' ]]; then\n"
    "        words+=('')\n"
    "    fi\n"
    "    word=${words[-1]}\n"
    "    while IFS= read -r reply; do\n"
    "        case $reply in\n"
    "        :file$'\\t'* | :folder$'\\t'*)\n"
    "            before=${reply#*$'\\t'}\n"
    "            kind=-f\n"
    "            [[ $reply == :folder* ]] && kind=-d\n"
    "            while IFS= read -r reply; do\n"
    "                _sbmt_offer \"$before$reply\"\n"
    "            done < <(compgen $kind -- \"${word#\"$before\"}\")\n"
    "            compopt -o filenames 2>/dev/null ;;\n"
    "        *)\n"
    "            reply=${reply%%$'\\t'*}\n"
    "            if [[ $reply == *= ]]; then\n"
    "                compopt -o nospace 2>/dev/null\n"
    "            fi\n"
    "            _sbmt_offer \"$reply\" ;;\n"
    "        esac\n"
    "    done < <(\"${words[0]}\" help --complete -- \"${words[@]:1}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _sbmt sbmt\n";

static const char zsh[] = "#compdef sbmt\n"
                          "# Completion of sbmt for zsh, made by `sbmt help --completion zsh`.\n"
                          "_sbmt() {\n"
                          "    local reply word names before\n"
                          "    local -a plain open\n"
                          "    for reply in ${(f)\"$(\"${words[1]}\" help --complete -- \\\n"
                          "        \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
                          "        case $reply in\n"
                          "        :(file|folder)$'\\t'*)\n"
                          "            names=${reply%%$'\\t'*}\n"
                          "            before=${reply#*$'\\t'} ;;\n"
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
                          "    if [[ -n $names ]]; then\n"
                          "        compset -P \"${(b)before}\"\n"
                          "        [[ $names == :folder ]] && _files -/ || _files\n"
                          "    fi\n"
                          "}\n"
                          "compdef _sbmt sbmt\n";

static const char fish[] =
    "# Completion of sbmt for fish, made by `sbmt help --completion fish`.\n"
    "function __sbmt_words\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l word (commandline -ct)\n"
    "    for reply in ($words[1] help --complete -- $words[2..-1] 2>/dev/null)\n"
    "        set -l parts (string split -m 1 \\t -- $reply)\n"
    "        set -l begun (string sub -s (math 1 + (string length -- \"$parts[2]\")) -- "
    "\"$word\")\n"
    "        switch $parts[1]\n"
    "            case :file\n"
    "                printf '%s\\n' $parts[2](__fish_complete_path $begun)\n"
    "            case :folder\n"
    "                printf '%s\\n' $parts[2](__fish_complete_directories $begun)\n"
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
