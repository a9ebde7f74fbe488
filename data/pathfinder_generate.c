/* Pathfinder as files. */
#include "data/pathfinder_generate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/io/folder_writer.h"
#include "data/pathfinder_batch.h"
#include "data/pathfinder_draw.h"
#include "data/png.h"

enum { EASY = 6, INTERMEDIATE = 9, HARD = 14 };

enum { BATCH = 1000, REPORT_EVERY = 10, MOST_PICTURES = 10000000, ROOM = 64 };

const struct sbmt_field sbmt_pathfinder_fields[] = {
    SBMT_STRING(struct sbmt_pathfinder_options, out, NULL, "data root to write the set under",
                .argument = "DIR"),
    SBMT_INT(struct sbmt_pathfinder_options, count, 200000, 1, MOST_PICTURES, "pictures"),
    SBMT_INT(struct sbmt_pathfinder_options, seed, 1, 0, INT_MAX, "seed of all random draws"),
    SBMT_INT(struct sbmt_pathfinder_options, contour_length, HARD, EASY, HARD,
             "paddles of the two long snakes: 6 (easy), 9 (intermediate) or 14 (hard)"),
    SBMT_BOOL(struct sbmt_pathfinder_options, force, false, "replace a set that exists"),
    SBMT_FIELDS_END,
};

struct generator {
    const struct sbmt_pathfinder_options *options;
    const struct sbmt_generation_watch *watch; /* may be NULL */
    const struct sbmt_log *log;
    struct sbmt_pathfinder_style style;
    char set[PATH_MAX];
    struct sbmt_folder_writer folder; /* the set while it is made */
    uint8_t *pixels, *png;
    struct sbmt_str lines;
    int done;
};

/* A name in the folder that is written. */
__attribute__((format(printf, 3, 4))) static void
name_in(const struct generator *generator, char path[PATH_MAX], const char *format, ...)
{
    char name[ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - ROOM - 1, generator->folder.temporary, name);
}

static bool report(const struct generator *generator, struct sbmt_error *err)
{
    const struct sbmt_generation_watch *watch = generator->watch;
    const int count = generator->options->count;
    if (watch == NULL || watch->report == NULL ||
        watch->report(watch->context, generator->done, count))
        return true;
    return sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
                     "%s: stopped after %d of %d pictures; the same command goes on with them",
                     generator->set, generator->done, count);
}

static bool write_picture(struct generator *generator, int batch, int sample,
                          const struct sbmt_pathfinder_scene *scene, struct sbmt_error *err)
{
    const int side = generator->style.side;
    char path[PATH_MAX];
    size_t size;
    name_in(generator, path, "imgs/%d/sample_%d.png", batch, sample);
    sbmt_pathfinder_render(&generator->style, scene, generator->pixels);
    return sbmt_png_write(generator->pixels, side, side, generator->png, &size, err) &&
           sbmt_file_write_unsynced(path, generator->png, size, err);
}

static void add_line(struct generator *generator, int batch, int sample,
                     const struct sbmt_pathfinder_scene *scene)
{
    enum { PADDLE_CONTRASTS = 1 };
    const struct sbmt_pathfinder_style *style = &generator->style;
    sbmt_str_printf(&generator->lines, "imgs/%d sample_%d.png %d %d %.1f %d %d %d %.1f %d %d\n",
                    batch, sample, sample, scene->label, style->continuity, style->contour_length,
                    style->distractor_length, style->paddle_length, style->paddle_thickness,
                    scene->margin, PADDLE_CONTRASTS);
}

static struct sbmt_rng_key key_of(const struct generator *generator, int index)
{
    const struct sbmt_rng_place place = {
        .seed = (uint64_t)generator->options->seed,
        .purpose = SBMT_RNG_GENERATE,
        .step = (uint32_t)generator->style.contour_length,
        .layer = (uint32_t)generator->style.side,
        .head = (uint32_t)sbmt_rng_hash("pathfinder"),
        .sequence = (uint64_t)index,
    };
    return sbmt_rng_derive(&place);
}

/* Pictures of a batch: the last one may be smaller. */
static int batch_size(const struct generator *generator, int batch)
{
    const int left = generator->options->count - batch * BATCH;
    return left < BATCH ? left : BATCH;
}

static bool write_batch(struct generator *generator, int batch, struct sbmt_error *err)
{
    const int first = batch * BATCH, size = batch_size(generator, batch);
    char path[PATH_MAX];
    name_in(generator, path, "imgs/%d", batch);
    if (!sbmt_folder_make(path, err))
        return false;
    sbmt_str_clear(&generator->lines);
    for (int i = 0; i < size; i++) {
        struct sbmt_pathfinder_scene scene;
        sbmt_pathfinder_plan(&generator->style, key_of(generator, first + i), &scene);
        if (!write_picture(generator, batch, i, &scene, err))
            return false;
        add_line(generator, batch, i, &scene);
        generator->done++;
        if (generator->done % REPORT_EVERY == 0 && !report(generator, err))
            return false;
    }
    if (generator->lines.failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", generator->set);
    name_in(generator, path, "metadata/%d.npy", batch);
    return sbmt_file_write_unsynced(path, generator->lines.text, generator->lines.length, err);
}

static int batches(const struct generator *generator)
{
    return (generator->options->count + BATCH - 1) / BATCH;
}

/* What the set will be: only what is left of the same one is gone on with. */
static bool open_folder(struct generator *generator, struct sbmt_error *err)
{
    static const char *const parts[] = {"imgs", "metadata", NULL};
    const struct sbmt_pathfinder_options *options = generator->options;
    char path[PATH_MAX], mark[4 * ROOM];
    snprintf(mark, sizeof mark, "pathfinder-1: side %d, contour length %d, seed %d, %d pictures\n",
             generator->style.side, options->contour_length, options->seed, options->count);
    if (!sbmt_folder_writer_open(&generator->folder, generator->set, parts, mark, err))
        return false;
    /* A set that is there already stays until the new one is whole. */
    if (!options->force && sbmt_file_exists(generator->set))
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: exists; --force replaces it", generator->set);
    name_in(generator, path, "metadata");
    return sbmt_folder_make(path, err);
}

static bool check_options(const struct sbmt_pathfinder_options *options, struct sbmt_error *err)
{
    const int length = options->contour_length;
    if (options->out == NULL || options->out[0] == '\0')
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--out: a folder to write the pictures under is needed");
    if (length != EASY && length != INTERMEDIATE && length != HARD)
        return sbmt_fail(err, SBMT_ERROR_USAGE, "--contour-length: %d; there are %d, %d and %d",
                         length, EASY, INTERMEDIATE, HARD);
    return true;
}

static bool name_set(struct generator *generator, int side, struct sbmt_error *err)
{
    const struct sbmt_pathfinder_options *options = generator->options;
    char name[ROOM] = "curv_baseline";
    if (options->contour_length != EASY)
        snprintf(name, sizeof name, "curv_contour_length_%d", options->contour_length);
    const int length = snprintf(generator->set, sizeof generator->set, "%s/pathfinder%d/%s",
                                options->out, side, name);
    return (length > 0 && length + 2 * ROOM < PATH_MAX) ||
           sbmt_fail(err, SBMT_ERROR_USAGE, "%.200s…: this name is too long", options->out);
}

/* What is kept of an unfinished set: names of whole batches, in imgs and metadata. */
struct kept {
    int batches;
    const char *ending;
};

static bool is_kept(void *context, const char *name)
{
    const struct kept *kept = context;
    const int batch = atoi(name);
    char wanted[ROOM];
    snprintf(wanted, sizeof wanted, "%d%s", batch, kept->ending);
    return strcmp(wanted, name) == 0 && batch >= 0 && batch < kept->batches;
}

/* Begins behind the whole batches of an unfinished set, and removes the rest of it. */
static bool go_on(struct generator *generator, int *batch, struct sbmt_error *err)
{
    const struct sbmt_folder_writer *folder = &generator->folder;
    const struct sbmt_pathfinder_batch found = {
        .folder = folder->temporary, .side = generator->style.side, .pixels = generator->pixels};
    while (*batch < batches(generator) &&
           sbmt_pathfinder_batch_is_whole(&found, *batch, batch_size(generator, *batch))) {
        generator->done += batch_size(generator, (*batch)++);
        if (!report(generator, err))
            return false;
    }
    if (*batch > 0)
        sbmt_log_write(generator->log, SBMT_LOG_NOTE, "%s: goes on behind %d pictures",
                       folder->temporary, generator->done);
    struct kept pictures = {*batch, ""}, sheets = {*batch, ".npy"};
    return sbmt_folder_writer_keep(folder, "imgs", is_kept, &pictures, err) &&
           sbmt_folder_writer_keep(folder, "metadata", is_kept, &sheets, err);
}

static bool write_all(struct generator *generator, struct sbmt_error *err)
{
    if (generator->pixels == NULL || generator->png == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for a picture");
    int batch = 0;
    if (!open_folder(generator, err) ||
        (generator->folder.resumed && !go_on(generator, &batch, err)))
        return false;
    for (; batch < batches(generator); batch++)
        if (!write_batch(generator, batch, err))
            return false;
    return sbmt_folder_writer_commit(&generator->folder, err);
}

bool sbmt_pathfinder_generate(int side, const struct sbmt_pathfinder_options *options,
                              const struct sbmt_generation_watch *watch, const struct sbmt_log *log,
                              struct sbmt_error *err)
{
    if (!check_options(options, err))
        return false;
    const size_t pixels = (size_t)side * (size_t)side;
    struct generator generator = {
        .options = options,
        .watch = watch,
        .log = log,
        .style = sbmt_pathfinder_style(side, options->contour_length),
        .pixels = malloc(pixels),
        .png = malloc(sbmt_png_room(side, side)),
    };
    struct sbmt_error broken = {0};
    const bool written = name_set(&generator, side, &broken) && write_all(&generator, &broken);
    if (written)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d pictures in %d %s of %d", generator.set,
                       options->count, batches(&generator),
                       batches(&generator) == 1 ? "folder" : "folders", BATCH);
    else
        sbmt_fail(err, broken.kind, "%s", broken.message);
    /* What another command has left stays where this one was wrong. */
    if (broken.kind == SBMT_ERROR_INTERRUPTED ||
        (broken.kind == SBMT_ERROR_USAGE && generator.folder.resumed))
        sbmt_folder_writer_leave(&generator.folder);
    sbmt_folder_writer_abandon(&generator.folder);
    sbmt_str_finish(&generator.lines);
    free(generator.pixels);
    free(generator.png);
    return written;
}
