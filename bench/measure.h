/* What a table can show of the runs of a cell: the score, the number of seeds, density, cost. */
#ifndef SBMT_BENCH_MEASURE_H
#define SBMT_BENCH_MEASURE_H

#include "bench/ledger.h"
#include "bench/table.h"

/** One measure. */
struct sbmt_measure {
    const char *name;  /**< as --show takes it: "density" */
    const char *title; /**< of its column; NULL: the metric's name */
    const char *doc;   /**< a note under tables that show it; NULL: none */
    enum sbmt_table_style style;
    int decimals;
    bool deviates; /**< shown with its deviation over runs */
    /** Of one run, NAN where it has none; NULL where it is not of one run. */
    double (*of_run)(const struct sbmt_ledger_run *run, const char *metric);
};

/** Measure by index, for lists; NULL past the end. */
const struct sbmt_measure *sbmt_measure_at(int index);

/** Measure by name ("score", "n", "p", "density", "flops", "time", "steps", "parameters", "loss"),
 * or NULL with SBMT_ERROR_USAGE that names all. */
const struct sbmt_measure *sbmt_measure_find(const char *name, struct sbmt_error *err);

/** A metric is written in percent, as all are but the loss. */
bool sbmt_measure_is_percent(const char *metric);

/** The mean length of the sequences that a run trained on; NAN if it is not known. */
double sbmt_measure_length(const struct sbmt_ledger_run *run);

/** Operations of attention in one sequence of the mean length, by the formula of its kind at the
 * density measured, relative to those of softmax attention; NAN if the length is not known. */
double sbmt_measure_flops(const struct sbmt_ledger_run *run);

#endif
