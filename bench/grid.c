/* Runs in rows and columns. */
#include "bench/grid.h"

#include <stdio.h>
#include <string.h>

#include "bench/config_write.h"
#include "bench/list.h"

/* What a key says of a run; NULL: nothing. */
static const char *value_of(const struct sbmt_ledger_run *run, const char *key, char digits[16])
{
    if (strcmp(key, "attention") == 0)
        return sbmt_attention_name(&run->config);
    if (strcmp(key, "task") == 0)
        return run->config.task;
    if (strcmp(key, "protocol") == 0)
        return sbmt_protocol_name(run->config.protocol);
    if (strcmp(key, "run") == 0)
        return run->folder;
    if (strcmp(key, "seed") == 0) {
        snprintf(digits, 16, "%d", run->config.seed);
        return digits;
    }
    const struct sbmt_yaml_node *node = sbmt_yaml_find(run->options, key);
    return node != NULL ? node->text : NULL;
}

/* Words stand as they are, other options after their names. */
static bool names_itself(const char *key)
{
    return strchr(key, '.') == NULL && strcmp(key, "seed") != 0;
}

/* The title of the row or column that a run belongs to, in the arena. */
static const char *title_of(const struct sbmt_ledger_run *run, const struct sbmt_list *keys,
                            struct sbmt_arena *arena)
{
    struct sbmt_str title = {0};
    char digits[16];
    for (int i = 0; i < keys->count; i++) {
        const char *value = value_of(run, keys->word[i], digits);
        const char *dot = strrchr(keys->word[i], '.');
        if (value == NULL)
            continue;
        sbmt_str_printf(&title, "%s", title.length > 0 ? ", " : "");
        if (!names_itself(keys->word[i]))
            sbmt_str_printf(&title, "%s ", dot != NULL ? dot + 1 : keys->word[i]);
        sbmt_str_printf(&title, "%s", value);
    }
    const char *kept = title.failed ? NULL
                                    : sbmt_arena_strdup(arena, title.length > 0 ? title.text : "-");
    sbmt_str_finish(&title);
    return kept;
}

static bool check_keys(const struct sbmt_ledger *ledger, const char *option,
                       const struct sbmt_list *keys, struct sbmt_error *err)
{
    char digits[16];
    for (int k = 0; k < keys->count; k++) {
        bool known = false;
        for (int i = 0; i < ledger->count && !known; i++)
            known = value_of(&ledger->run[i], keys->word[k], digits) != NULL;
        if (!known)
            return sbmt_fail(err, SBMT_ERROR_USAGE,
                             "%s: no run has '%.80s'; give attention, task, protocol, seed, run or "
                             "a key of config.yaml such as model.attention.clusters",
                             option, keys->word[k]);
    }
    return true;
}

/* The place of a title among those so far; a new one is added behind them. */
static int row_of(struct sbmt_grid *grid, const char *title)
{
    int r = 0;
    while (r < grid->rows && strcmp(grid->row[r], title) != 0)
        r++;
    if (r == grid->rows)
        grid->row[grid->rows++] = title;
    return r;
}

static int column_of(struct sbmt_grid *grid, const char *title, const struct sbmt_ledger_run *run)
{
    const int protocol = run->config.protocol;
    int c = 0;
    while (c < grid->columns &&
           (strcmp(grid->column[c].title, title) != 0 || grid->column[c].protocol != protocol))
        c++;
    if (c == grid->columns)
        grid->column[grid->columns++] = (struct sbmt_grid_column){
            .title = title, .task = run->config.task, .protocol = protocol, .first = run};
    return c;
}

/* Two runs of a cell: their seeds differ and, unless mixed, nothing else does. */
static bool check_pair(const struct sbmt_ledger_run *a, const struct sbmt_ledger_run *b, bool mixed,
                       struct sbmt_error *err)
{
    struct sbmt_experiment_config other = b->config;
    struct sbmt_str difference = {0};
    other.seed = a->config.seed;
    const bool differ = sbmt_config_difference(sbmt_experiment_fields, &a->config, &other,
                                               &difference);
    bool good = true;
    if (!differ)
        good = a->config.seed != b->config.seed ||
               sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s and %s are the same run twice (seed %d); leave one out", a->folder,
                         b->folder, a->config.seed);
    else if (!mixed || a->config.seed == b->config.seed)
        good = sbmt_fail(err, SBMT_ERROR_USAGE,
                         "%s and %s would be one cell%s and differ in %s; tell them apart with "
                         "--rows attention,%.*s%s",
                         a->folder, b->folder,
                         a->config.seed == b->config.seed ? " with the same seed" : "",
                         difference.text, (int)strcspn(difference.text, ":"), difference.text,
                         mixed ? "" : ", or give --mixed");
    sbmt_str_finish(&difference);
    return good;
}

/* Puts each finished run into its cell; `place` has room for a row and column a run. */
static void place_runs(struct sbmt_grid *grid, const struct sbmt_ledger *ledger,
                       const int (*place)[2], const struct sbmt_ledger_run **room)
{
    for (int r = 0; r < grid->rows; r++)
        for (int c = 0; c < grid->columns; c++) {
            struct sbmt_pairing_set *cell = &grid->cell[r * grid->columns + c];
            cell->run = room;
            for (int i = 0; i < ledger->count; i++)
                if (ledger->run[i].finished && place[i][0] == r && place[i][1] == c) {
                    *room++ = &ledger->run[i];
                    cell->count++;
                }
        }
}

bool sbmt_grid_check(const struct sbmt_grid *grid, bool mixed, struct sbmt_error *err)
{
    for (int i = 0; i < grid->rows * grid->columns; i++)
        for (int b = 1; b < grid->cell[i].count; b++)
            for (int a = 0; a < b; a++)
                if (!check_pair(grid->cell[i].run[a], grid->cell[i].run[b], mixed, err))
                    return false;
    return true;
}

const char *const *sbmt_grid_titles(const struct sbmt_ledger *ledger, const char *option,
                                    const char *keys, struct sbmt_arena *arena,
                                    struct sbmt_error *err)
{
    struct sbmt_list list;
    if (!sbmt_list_split(option, keys, arena, &list, err) ||
        !check_keys(ledger, option, &list, err))
        return NULL;
    const char **title = sbmt_arena_zalloc(arena, (size_t)ledger->count, sizeof *title);
    for (int i = 0; title != NULL && i < ledger->count; i++) {
        title[i] = title_of(&ledger->run[i], &list, arena);
        if (title[i] == NULL)
            title = NULL;
    }
    if (title == NULL)
        sbmt_fail(err, SBMT_ERROR_MEMORY, "table: out of memory");
    return title;
}

bool sbmt_grid_make(struct sbmt_grid *grid, const struct sbmt_ledger *ledger, const char *rows,
                    const char *columns, struct sbmt_arena *arena, struct sbmt_error *err)
{
    const size_t count = (size_t)ledger->count;
    const char *const *row = sbmt_grid_titles(ledger, "--rows", rows, arena, err);
    const char *const *column = row != NULL
                                    ? sbmt_grid_titles(ledger, "--columns", columns, arena, err)
                                    : NULL;
    if (column == NULL)
        return false;
    *grid = (struct sbmt_grid){
        .row = sbmt_arena_zalloc(arena, count, sizeof *grid->row),
        .column = sbmt_arena_zalloc(arena, count, sizeof *grid->column),
    };
    int(*place)[2] = sbmt_arena_zalloc(arena, count, sizeof *place);
    const struct sbmt_ledger_run **room = sbmt_arena_zalloc(arena, count, sizeof *room);
    if (!sbmt_arena_check(arena, "table", err))
        return false;
    for (int i = 0; i < ledger->count; i++) {
        const struct sbmt_ledger_run *run = &ledger->run[i];
        place[i][0] = run->finished ? row_of(grid, row[i]) : -1;
        place[i][1] = run->finished ? column_of(grid, column[i], run) : -1;
    }
    grid->cell = sbmt_arena_zalloc(arena, (size_t)grid->rows * (size_t)grid->columns,
                                   sizeof *grid->cell);
    if (!sbmt_arena_check(arena, "table", err))
        return false;
    place_runs(grid, ledger, (const int(*)[2])place, room);
    return true;
}

const struct sbmt_pairing_set *sbmt_grid_cell(const struct sbmt_grid *grid, int row, int column)
{
    return &grid->cell[row * grid->columns + column];
}
