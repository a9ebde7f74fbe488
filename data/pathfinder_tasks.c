/* The tasks of Pathfinder: read from files, or made as training goes on. */
#include "data/pathfinder.h"
#include "data/pathfinder_draw.h"

enum { CLASSES = 2 };

/* Mean and deviation: state-spaces/s4 at src/dataloaders/lra.py; 0.5 of the largest value each. */
#define PIXELS(side, words, how)                                                                   \
    {                                                                                              \
        .name = words, .version = "pathfinder-1", .unit = "pixel", .vocab = 256,                   \
        .max_length = (side) * (side), .value_mean = 127.5, .value_deviation = 127.5,              \
        .joint = true, .reading = how, .picture_width = (side),                                    \
    }

#define SMALL SBMT_LRA_PLACE("pathfinder32", "pathfinder32")
#define LARGE SBMT_LRA_PLACE("pathfinder128", "pathfinder128")

static const struct sbmt_pathfinder_reading hashed_32 = {32, SMALL, true},
                                            torch_32 = {32, SMALL, false},
                                            hashed_128 = {128, LARGE, true},
                                            torch_128 = {128, LARGE, false};

static const struct sbmt_form hashed_small = PIXELS(32, "hashed", &hashed_32),
                              torch_small = PIXELS(32, "torch", &torch_32),
                              hashed_large = PIXELS(128, "hashed", &hashed_128),
                              torch_large = PIXELS(128, "torch", &torch_128),
                              made_small = PIXELS(32, "made", NULL),
                              made_large = PIXELS(128, "made", NULL);

static const char *const labels[CLASSES] = {"apart", "joined"};

const struct sbmt_task sbmt_task_pathfinder32 = {
    .name = "lra/pathfinder32",
    .doc = "whether two dots are joined by a dashed path, read as 1024 pixels (Linsley et al. "
           "2018; Tay et al. 2021)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {&hashed_small, &hashed_small, &hashed_small, &torch_small},
    .source = sbmt_pathfinder_source,
    .prepare = sbmt_pathfinder_prepare,
};

const struct sbmt_task sbmt_task_pathx = {
    .name = "lra/pathx",
    .doc = "Path-X: whether two dots are joined by a dashed path, read as 16384 pixels (Linsley et "
           "al. 2018; Tay et al. 2021)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {[SBMT_PROTOCOL_GOOGLE] = &hashed_large, [SBMT_PROTOCOL_S4] = &torch_large},
    .source = sbmt_pathfinder_source,
    .prepare = sbmt_pathfinder_prepare,
};

/* Dev and test are this project's own. */
enum { EVALUATED_32 = 2000, EVALUATED_128 = 200 };

static const struct sbmt_generator generator_32 = {
    .count = {[SBMT_SPLIT_DEV] = EVALUATED_32, [SBMT_SPLIT_TEST] = EVALUATED_32},
    .make = sbmt_pathfinder_make_32,
};

static const struct sbmt_generator generator_128 = {
    .count = {[SBMT_SPLIT_DEV] = EVALUATED_128, [SBMT_SPLIT_TEST] = EVALUATED_128},
    .make = sbmt_pathfinder_make_128,
};

const struct sbmt_task sbmt_task_made_pathfinder32 = {
    .name = "synthetic/pathfinder32",
    .doc = "as lra/pathfinder32 on fresh pictures at every step, without files (Linsley et al. "
           "2018)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {&made_small, &made_small, &made_small, &made_small},
    .generator = &generator_32,
};

const struct sbmt_task sbmt_task_made_pathx = {
    .name = "synthetic/pathx",
    .doc = "as lra/pathx on fresh pictures at every step, without files (Linsley et al. 2018)",
    .classes = CLASSES,
    .segments = 1,
    .label_names = labels,
    .forms = {[SBMT_PROTOCOL_GOOGLE] = &made_large, [SBMT_PROTOCOL_S4] = &made_large},
    .generator = &generator_128,
};
