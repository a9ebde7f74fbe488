/* Pathfinder as files. */
#include "data/pathfinder_generate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/str.h"
#include "data/pathfinder_draw.h"
#include "data/png.h"

enum { EASY = 6, INTERMEDIATE = 9, HARD = 14 };

enum { BATCH = 1000, REPORT_EVERY = 10, MOST_PICTURES = 10000000, ROOM = 64 };

const struct sbmt_field sbmt_pathfinder_fields[] = {
    SBMT_STRING(struct sbmt_pathfinder_options, out, NULL, "data root to write the set under",
                .placeholder = "DIR"),
    SBMT_INT(struct sbmt_pathfinder_options, count, 200000, 1, MOST_PICTURES, "pictures"),
    SBMT_INT(struct sbmt_pathfinder_options, seed, 1, 0, INT_MAX, "seed of all random draws"),
    SBMT_INT(struct sbmt_pathfinder_options, contour_length, HARD, EASY, HARD,
             "paddles of the two long snakes: 6 (easy), 9 (intermediate) or 14 (hard)"),
    SBMT_BOOL(struct sbmt_pathfinder_options, force, false, "replace files that exist"),
    SBMT_FIELDS_END,
};

struct generator {
    const struct sbmt_pathfinder_options *options;
    const struct sbmt_generation_watch *watch; /* may be NULL */
    struct sbmt_pathfinder_style style;
    char folder[PATH_MAX];
    uint8_t *pixels, *png;
    struct sbmt_str lines;
    int done;
};

/* A name in the folder of the set; false where it is too long. */
__attribute__((format(printf, 3, 4))) static bool
name_in(const struct generator *generator, char path[PATH_MAX], const char *format, ...)
{
    char name[ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    const int length = snprintf(path, PATH_MAX, "%s/%s", generator->folder, name);
    return length > 0 && length < PATH_MAX;
}

static bool report(const struct generator *generator, struct sbmt_error *err)
{
    const struct sbmt_generation_watch *watch = generator->watch;
    const int count = generator->options->count;
    if (watch == NULL || watch->report == NULL ||
        watch->report(watch->context, generator->done, count))
        return true;
    return sbmt_fail(err, SBMT_ERROR_INTERRUPTED,
                     "%s: stopped after %d of %d pictures; metadata/ lists the %d that are whole "
                     "thousands",
                     generator->folder, generator->done, count, generator->done / BATCH * BATCH);
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

/* Pictures first, then what lists them. */
static bool write_batch(struct generator *generator, int batch, struct sbmt_error *err)
{
    const int first = batch * BATCH, left = generator->options->count - first;
    char path[PATH_MAX];
    name_in(generator, path, "imgs/%d", batch);
    if (!sbmt_folder_make(path, err))
        return false;
    sbmt_str_clear(&generator->lines);
    for (int i = 0; i < left && i < BATCH; i++) {
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
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", generator->folder);
    if (!sbmt_folder_sync(path, err))
        return false;
    name_in(generator, path, "metadata/%d.npy", batch);
    return sbmt_file_write(path, generator->lines.text, generator->lines.length, err);
}

static int batches(const struct generator *generator)
{
    return (generator->options->count + BATCH - 1) / BATCH;
}

/* Makes the folders, and room for the lists that will be written. */
static bool prepare(struct generator *generator, struct sbmt_error *err)
{
    char path[PATH_MAX];
    if (!name_in(generator, path, "metadata/%*d", ROOM / 2, 0))
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%.200s…: this name is too long",
                         generator->options->out);
    name_in(generator, path, "metadata");
    if (!sbmt_folder_make(path, err))
        return false;
    for (int batch = 0; batch < batches(generator); batch++) {
        name_in(generator, path, "metadata/%d.npy", batch);
        if (!sbmt_file_exists(path))
            continue;
        if (!generator->options->force)
            return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: exists; --force replaces it", path);
        if (remove(path) != 0)
            return sbmt_fail_errno(err, "%s: cannot remove", path);
    }
    return true;
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

static bool write_all(struct generator *generator, struct sbmt_error *err)
{
    if (generator->pixels == NULL || generator->png == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for a picture");
    if (!prepare(generator, err))
        return false;
    for (int batch = 0; batch < batches(generator); batch++)
        if (!write_batch(generator, batch, err))
            return false;
    return true;
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
        .style = sbmt_pathfinder_style(side, options->contour_length),
        .pixels = malloc(pixels),
        .png = malloc(sbmt_png_room(side, side)),
    };
    char set[ROOM] = "curv_baseline";
    if (options->contour_length != EASY)
        snprintf(set, sizeof set, "curv_contour_length_%d", options->contour_length);
    const int length = snprintf(generator.folder, sizeof generator.folder, "%s/pathfinder%d/%s",
                                options->out, side, set);
    if (length < 0 || length >= PATH_MAX)
        generator.folder[PATH_MAX - 1] = '\0'; /* too long for all names below it */
    const bool written = write_all(&generator, err);
    if (written)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d pictures in %d %s of %d", generator.folder,
                       options->count, batches(&generator),
                       batches(&generator) == 1 ? "folder" : "folders", BATCH);
    sbmt_str_finish(&generator.lines);
    free(generator.pixels);
    free(generator.png);
    return written;
}
