/* The manual page sbmt(1), made from the tables of commands and options. */
#ifndef SBMT_CLI_MANUAL_H
#define SBMT_CLI_MANUAL_H

#include "core/base/str.h"

/** Appends the page in the macros of man(7). */
void sbmt_manual(struct sbmt_str *out);

#endif
