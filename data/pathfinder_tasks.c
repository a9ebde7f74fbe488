/* The tasks of Pathfinder: read from files, or made as training goes on. */
#include "data/pathfinder.h"
#include "data/pathfinder_draw.h"

enum { CLASSES = 2 };

static const char *const labels[CLASSES] = {"apart", "joined"};

/* Mean and deviation: state-spaces/s4 at src/dataloaders/lra.py; 0.5 of the largest value each. */
#define PIXELS(side, words, how)                                                                   \
    {                                                                                              \
        .name = words, .version = "pathfinder-1", .unit = "pixel", .vocab = 256,                   \
        .max_length = (side) * (side), .value_mean = 127.5, .value_deviation = 127.5,              \
        .joint = true, .reading = how, .picture_width = (side),                                    \
    }

/* How pictures of a size and a set are read: forms hashed_<row> and torch_<row>. */
#define READ(row, side, ...)                                                                       \
    static const struct sbmt_pathfinder_reading read_hashed_##row = {                              \
        side, SBMT_LRA_PLACE("pathfinder" #side, "pathfinder" #side), true, __VA_ARGS__};          \
    static const struct sbmt_pathfinder_reading read_torch_##row = {                               \
        side, SBMT_LRA_PLACE("pathfinder" #side, "pathfinder" #side), false, __VA_ARGS__};         \
    static const struct sbmt_form hashed_##row = PIXELS(side, "hashed", &read_hashed_##row);       \
    static const struct sbmt_form torch_##row = PIXELS(side, "torch", &read_torch_##row);

#define HARD "curv_contour_length_14", "hard", ""

READ(32, 32, HARD)
READ(32_easy, 32, "curv_baseline", "easy", " --contour-length 6")
READ(32_intermediate, 32, "curv_contour_length_9", "intermediate", " --contour-length 9")
READ(64, 64, HARD)
READ(128, 128, HARD)
READ(256, 256, HARD)

#define TASK(title, text, ...)                                                                     \
    {                                                                                              \
        .name = title, .doc = text, .classes = CLASSES, .segments = 1, .label_names = labels,      \
        __VA_ARGS__, .source = sbmt_pathfinder_source, .prepare = sbmt_pathfinder_prepare          \
    }

/* Those of the published protocols that read more than 32 x 32 hard pictures. */
#define GOOGLE_AND_S4(row) [SBMT_PROTOCOL_GOOGLE] = &hashed_##row, [SBMT_PROTOCOL_S4] = &torch_##row

/* What no published table has. */
#define EXTRA(row) .apart = true, .forms = {GOOGLE_AND_S4(row)}

const struct sbmt_task sbmt_task_pathfinder32 = TASK(
    "lra/pathfinder32",
    "whether two dots are joined by a dashed path, read as 1024 pixels (Linsley et al. 2018; Tay "
    "et al. 2021)",
    .forms = {&hashed_32, &hashed_32, &hashed_32, &torch_32});

const struct sbmt_task sbmt_task_pathfinder32_easy = TASK(
    "lra/pathfinder32-easy",
    "as lra/pathfinder32 with paths of 6 dashes (Linsley et al. 2018; Tay et al. 2021)",
    EXTRA(32_easy));

const struct sbmt_task sbmt_task_pathfinder32_intermediate = TASK(
    "lra/pathfinder32-intermediate",
    "as lra/pathfinder32 with paths of 9 dashes (Linsley et al. 2018; Tay et al. 2021)",
    EXTRA(32_intermediate));

const struct sbmt_task sbmt_task_pathfinder64 = TASK(
    "lra/pathfinder64",
    "as lra/pathfinder32, read as 4096 pixels (Linsley et al. 2018; Tay et al. 2021)", EXTRA(64));

const struct sbmt_task sbmt_task_pathx = TASK(
    "lra/pathx",
    "Path-X: whether two dots are joined by a dashed path, read as 16384 pixels (Linsley et al. "
    "2018; Tay et al. 2021)",
    .forms = {GOOGLE_AND_S4(128)});

const struct sbmt_task sbmt_task_pathfinder256 = TASK(
    "lra/pathfinder256",
    "as lra/pathfinder32, read as 65536 pixels (Linsley et al. 2018; Tay et al. 2021)", EXTRA(256));

/* Fresh pictures: form made_<side> and generator_<side>. Dev and test are this project's own. */
#define MADE(side, evaluated)                                                                      \
    static const struct sbmt_form made_##side = PIXELS(side, "made", NULL);                        \
    static const struct sbmt_generator generator_##side = {                                        \
        .count = {[SBMT_SPLIT_DEV] = (evaluated), [SBMT_SPLIT_TEST] = (evaluated)},                \
        .make = sbmt_pathfinder_make_##side,                                                       \
    };

MADE(32, 2000)
MADE(64, 500)
MADE(128, 200)
MADE(256, 100)

#define MADE_TASK(title, text, side, ...)                                                          \
    {                                                                                              \
        .name = title, .doc = text, .classes = CLASSES, .segments = 1, .label_names = labels,      \
        .forms = {__VA_ARGS__}, .generator = &generator_##side                                     \
    }

#define MADE_GOOGLE_AND_S4(side)                                                                   \
    [SBMT_PROTOCOL_GOOGLE] = &made_##side, [SBMT_PROTOCOL_S4] = &made_##side

const struct sbmt_task sbmt_task_made_pathfinder32 = MADE_TASK(
    "synthetic/pathfinder32",
    "as lra/pathfinder32 on fresh pictures at every step, without files (Linsley et al. 2018)", 32,
    &made_32, &made_32, &made_32, &made_32);

const struct sbmt_task sbmt_task_made_pathfinder64 = MADE_TASK(
    "synthetic/pathfinder64",
    "as lra/pathfinder64 on fresh pictures at every step, without files (Linsley et al. 2018)", 64,
    MADE_GOOGLE_AND_S4(64));

const struct sbmt_task sbmt_task_made_pathx = MADE_TASK(
    "synthetic/pathx",
    "as lra/pathx on fresh pictures at every step, without files (Linsley et al. 2018)", 128,
    MADE_GOOGLE_AND_S4(128));

const struct sbmt_task sbmt_task_made_pathfinder256 = MADE_TASK(
    "synthetic/pathfinder256",
    "as lra/pathfinder256 on fresh pictures at every step, without files (Linsley et al. 2018)",
    256, MADE_GOOGLE_AND_S4(256));
