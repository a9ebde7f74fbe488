/* Ctrl-C and SIGTERM. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* A signal handler has no other place to put what it knows. */
static volatile sig_atomic_t caught;

static void handle(int number)
{
    (void)number;
    caught = 1;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

static void note(int number)
{
    (void)number;
    caught = 1;
}

static void set_handler(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void sbmt_interrupt_catch(void)
{
    set_handler(handle);
}

void sbmt_interrupt_catch_all(void)
{
    set_handler(note);
}

bool sbmt_interrupt_caught(void)
{
    return caught != 0;
}
