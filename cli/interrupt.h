/* Ctrl-C and SIGTERM: the first asks to stop, the second stops at once. */
#ifndef SBMT_CLI_INTERRUPT_H
#define SBMT_CLI_INTERRUPT_H

#include <stdbool.h>

/** From now on the first SIGINT or SIGTERM only sets a flag. */
void sbmt_interrupt_catch(void);

/** From now on no SIGINT or SIGTERM does more than set it: for a process whose parent decides. */
void sbmt_interrupt_catch_all(void);

/** True once one came. */
bool sbmt_interrupt_caught(void);

#endif
