/* Completion of command lines: what a word can be, from the tables of commands, options and keys;
 * and scripts that make shells ask for it. */
#ifndef SBMT_CLI_COMPLETION_H
#define SBMT_CLI_COMPLETION_H

#include "core/base/error.h"
#include "core/base/str.h"

enum sbmt_shell { SBMT_SHELL_NONE, SBMT_SHELL_BASH, SBMT_SHELL_ZSH, SBMT_SHELL_FISH };

/** Appends the script of a shell. */
void sbmt_completion_script(enum sbmt_shell shell, struct sbmt_str *out);

/** Appends what the last of `count` words behind "sbmt" can become: a line each, the word and,
 * after a tab, what it means. A word that ends in '=' goes on; the line ":file" or ":folder", a tab
 * and what of the word stands before the name, stands for names of those. */
void sbmt_completion_words(int count, const char *const *words, struct sbmt_str *out);

#endif
