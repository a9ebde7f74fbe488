/* Options that commands about runs share. */
#ifndef SBMT_CLI_EXPERIMENT_OPTIONS_H
#define SBMT_CLI_EXPERIMENT_OPTIONS_H

#include "core/base/field.h"

/** The words of --cpu; the first stands for the best the machine has. */
extern const char *const sbmt_cpu_words[];

/** The instruction set of an index in sbmt_cpu_words; NULL for the best. */
const char *sbmt_cpu_choice(int index);

/** The words of --checkpoint. */
extern const char *const sbmt_checkpoint_words[];

/** The data root: the option, else $SBMT_DATA, else ./datasets. */
const char *sbmt_data_root(const char *option);

/** Rows for the members `checkpoint`, `data`, `threads` and `cpu` of a struct of options. */
#define SBMT_CHECKPOINT_ROW(row)                                                                   \
    SBMT_CHOICE(row, checkpoint, sbmt_checkpoint_words, 0,                                         \
                "weights: those that were best on dev, or the last ones")
#define SBMT_DATA_ROW(row)                                                                         \
    SBMT_STRING(row, data, NULL, "root of the data files (default $SBMT_DATA, else ./datasets)",   \
                .argument = "DIR")
#define SBMT_THREADS_ROW(row)                                                                      \
    SBMT_INT(row, threads, 0, 0, 1024, "threads, which change no result; 0: all processors")
#define SBMT_CPU_ROW(row)                                                                          \
    SBMT_CHOICE(row, cpu, sbmt_cpu_words, 0,                                                       \
                "instruction set of the kernels; the last bits of sums depend on it")

#endif
