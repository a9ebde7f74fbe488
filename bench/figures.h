/* The figures of finished and unfinished runs, and of measurements of speed. */
#ifndef SBMT_BENCH_FIGURES_H
#define SBMT_BENCH_FIGURES_H

#include "bench/chart.h"
#include "bench/ledger.h"

/** A chart with a name for its file. */
struct sbmt_figure {
    const char *name; /**< letters, digits and -: "learning-lra-listops" */
    struct sbmt_chart chart;
};

enum { SBMT_FIGURES = 256 };

/** Figures; at most SBMT_FIGURES, of which those beyond are dropped. */
struct sbmt_figures {
    int count;
    struct sbmt_figure figure[SBMT_FIGURES];
};

/** Adds the figures of each task, and protocol of it: accuracy on dev, training loss and density of
 * graphs against steps, and accuracy against density, attention FLOPs and time. `rows` says which
 * runs have one colour, as bench/grid.h takes it. Those without a point are left out.
 * SBMT_ERROR_USAGE for a metric that no finished run has. */
SBMT_MUST_CHECK bool sbmt_figures_add_ledger(struct sbmt_figures *figures,
                                             const struct sbmt_ledger *ledger, const char *rows,
                                             const char *metric, struct sbmt_arena *arena,
                                             struct sbmt_error *err);

/** Adds the figure of the density of each head's graphs on dev against steps, a line a head, with a
 * name that begins with `name`, if heads have graphs. */
void sbmt_figures_add_heads(struct sbmt_figures *figures, const struct sbmt_ledger_run *run,
                            const char *name, struct sbmt_arena *arena);

/** Adds the figures of one run, with names that begin with `name`: accuracy, loss, density, and
 * density of each head. */
SBMT_MUST_CHECK bool sbmt_figures_add_run(struct sbmt_figures *figures,
                                          const struct sbmt_ledger_run *run, const char *name,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

/** Adds time of a training step, time of an inference, and memory against length, from a file that
 * `sbmt bench speed --json` has printed. SBMT_ERROR_DATA for any other. */
SBMT_MUST_CHECK bool sbmt_figures_add_speed(struct sbmt_figures *figures, const char *path,
                                            struct sbmt_arena *arena, struct sbmt_error *err);

/** Adds a chart if it has points. `name` may hold any characters; one that is taken gets a number.
 */
void sbmt_figures_add(struct sbmt_figures *figures, const struct sbmt_chart *chart,
                      const char *name, struct sbmt_arena *arena);

/** A title from a format, in the arena; NULL without memory. */
__attribute__((format(printf, 2, 3))) const char *sbmt_figures_text(struct sbmt_arena *arena,
                                                                    const char *format, ...);

#endif
