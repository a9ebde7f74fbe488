/* Messages from the engine to whoever runs it. The engine itself never prints. */
#ifndef SBMT_CORE_BASE_LOG_H
#define SBMT_CORE_BASE_LOG_H

enum sbmt_log_level { SBMT_LOG_NOTE, SBMT_LOG_WARNING };

/** A receiver of messages: one line each, without newline. Zeroed: messages are dropped. */
struct sbmt_log {
    void (*write)(void *context, enum sbmt_log_level level, const char *message);
    void *context;
};

/** Formats a message for the receiver; `log` may be NULL. */
__attribute__((format(printf, 3, 4))) void
sbmt_log_write(const struct sbmt_log *log, enum sbmt_log_level level, const char *format, ...);

#endif
