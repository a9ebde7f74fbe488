/* The manual page sbmt(1). */
#include "cli/manual.h"

#include <string.h>

#include "bench/config_value.h"
#include "bench/config_visit.h"
#include "bench/config_write.h"
#include "bench/experiment_config.h"
#include "bench/info.h"
#include "cli/build_date.h"
#include "cli/command.h"
#include "cli/options.h"

/* Text that no character of has a meaning to roff. */
static void text(const char *words, struct sbmt_str *out)
{
    for (const char *c = words; *c != '\0'; c++) {
        if ((*c == '.' || *c == '\'') && c == words)
            sbmt_str_printf(out, "\\&");
        if (*c == '\\')
            sbmt_str_printf(out, "\\e");
        else if (*c == '-')
            sbmt_str_printf(out, "\\-");
        else
            sbmt_str_append(out, c, 1);
    }
}

enum { LINE = 80 };

/* Bytes of a word to mandoc, which writes \[u03A6] for a character that is not of ASCII. */
static size_t width_of(const struct sbmt_str *word)
{
    size_t width = 0;
    for (size_t i = 0; i < word->length; i++)
        width += (unsigned char)word->text[i] < 0xC0 ? 1 : 8;
    return width;
}

/* Text in lines as long as mandoc likes them. */
static void line(const char *words, struct sbmt_str *out)
{
    size_t used = 0;
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");
        struct sbmt_str word = {0}, escaped = {0};
        sbmt_str_append(&word, words, length);
        text(word.text != NULL ? word.text : "", &escaped);
        const size_t width = width_of(&escaped);
        if (used > 0 && used + 1 + width > LINE) {
            sbmt_str_printf(out, "\n");
            used = 0;
        }
        sbmt_str_printf(out, "%s%s", used > 0 ? " " : "", escaped.text != NULL ? escaped.text : "");
        used += width + (used > 0);
        out->failed |= word.failed || escaped.failed;
        sbmt_str_finish(&word);
        sbmt_str_finish(&escaped);
        words += length + strspn(words + length, " ");
    }
    sbmt_str_printf(out, "\n");
}

/* As a sentence; "lra: norms before …" begins with a value, which stays as it is typed. */
static void sentence(const char *words, struct sbmt_str *out)
{
    struct sbmt_str whole = {0};
    sbmt_config_sentence(words, &whole);
    if (whole.text != NULL && words[strcspn(words, " :")] == ':')
        whole.text[0] = words[0];
    line(whole.text != NULL ? whole.text : "", out);
    out->failed |= whole.failed;
    sbmt_str_finish(&whole);
}

/* The head of an item: a word in bold, and what stands for its value. */
static void item(const char *word, const char *value, struct sbmt_str *out)
{
    sbmt_str_printf(out, ".TP\n\\fB");
    text(word, out);
    sbmt_str_printf(out, "\\fR");
    if (value != NULL && value[0] != '\0') {
        sbmt_str_printf(out, " \\fI");
        text(value, out);
        sbmt_str_printf(out, "\\fR");
    }
    sbmt_str_printf(out, "\n");
}

static void option(const struct sbmt_field *field, struct sbmt_str *out)
{
    char name[SBMT_OPTION_NAME];
    struct sbmt_str value = {0}, meaning = {0};
    sbmt_option_name(field, name);
    sbmt_option_argument(field, &value);
    sbmt_option_meaning(field, &meaning);
    item(name, value.text, out);
    line(meaning.text != NULL ? meaning.text : "", out);
    out->failed |= value.failed || meaning.failed;
    sbmt_str_finish(&value);
    sbmt_str_finish(&meaning);
}

static void remarks(const char *words, struct sbmt_str *out)
{
    struct sbmt_str room = {0};
    const char *paragraph;
    while ((paragraph = sbmt_command_remark(&words, &room)) != NULL) {
        sbmt_str_printf(out, ".PP\n");
        line(paragraph, out);
    }
    out->failed |= room.failed;
    sbmt_str_finish(&room);
}

static void commands(struct sbmt_str *out)
{
    sbmt_str_printf(out, ".SH COMMANDS\n");
    for (int i = 0; sbmt_command_at(i) != NULL; i++) {
        const struct sbmt_command *command = sbmt_command_at(i);
        struct sbmt_str head = {0};
        sbmt_str_printf(&head, "sbmt %s%s%s", command->name,
                        command->arguments[0] != '\0' ? " " : "", command->arguments);
        sbmt_str_printf(out, ".SS ");
        text(head.text != NULL ? head.text : "", out);
        sbmt_str_printf(out, "\n");
        sentence(command->doc, out);
        for (const struct sbmt_field *field = command->options; field->type != SBMT_FIELD_END;
             field++)
            option(field, out);
        remarks(command->remarks, out);
        out->failed |= head.failed;
        sbmt_str_finish(&head);
    }
}

static void key(void *context, const struct sbmt_config_place *place)
{
    struct sbmt_str *out = context;
    struct sbmt_str value = {0}, usual = {0}, facts = {0};
    if (place->field->type == SBMT_FIELD_VARIANT)
        sbmt_str_printf(&value, "a kind");
    else
        sbmt_value_describe(place->field, &value);
    sbmt_value_write_default(place->field, &usual);
    item(place->key, NULL, out);
    sentence(place->field->doc, out);
    sbmt_str_printf(&facts, "(%s%s%s; default %s)", place->kind != NULL ? place->kind->name : "",
                    place->kind != NULL ? "; " : "", value.text != NULL ? value.text : "",
                    usual.text != NULL ? usual.text : "");
    line(facts.text != NULL ? facts.text : "", out);
    out->failed |= value.failed || usual.failed || facts.failed;
    sbmt_str_finish(&facts);
    sbmt_str_finish(&value);
    sbmt_str_finish(&usual);
}

static void items(const char *heading, const char *const (*rows)[2], int count,
                  struct sbmt_str *out)
{
    sbmt_str_printf(out, ".SH %s\n", heading);
    for (int i = 0; i < count; i++) {
        item(rows[i][0], NULL, out);
        line(rows[i][1], out);
    }
}

static void rest(struct sbmt_str *out)
{
    static const char *const files[][2] = {
        {"config.yaml", "every option of the run, defaults included"},
        {"info.json", "version, compiler, processor, kernels, OpenBLAS, digests of the data"},
        {"metrics.jsonl", "a line for each step and evaluation; TensorBoard events beside it"},
        {"last.safetensors", "weights, optimiser and counters: what --resume goes on from"},
        {"best.safetensors", "the weights that were best on dev"},
        {"result.json", "what the best weights achieve on test"},
        {"predictions.tsv", "what they answer to each example of it"},
    };
    static const char *const variables[][2] = {
        {"SBMT_DATA", "the root of the data files, where --data does not give it"},
        {"NO_COLOR", "if set, no colours"},
    };
    static const char *const codes[][2] = {
        {"0", "done"}, {"1", "failed"}, {"2", "wrong usage or configuration"}};
    items("FILES", files, (int)(sizeof files / sizeof files[0]), out);
    items("ENVIRONMENT", variables, 2, out);
    items("EXIT STATUS", codes, 3, out);
}

void sbmt_manual(struct sbmt_str *out)
{
    sbmt_str_printf(out,
                    ".TH SBMT 1 \"%s\" \"sbmt %s\" \"User Commands\"\n"
                    ".SH NAME\n"
                    "sbmt \\- trains and measures data\\-adaptive sparse attention on CPUs\n"
                    ".SH SYNOPSIS\n"
                    "\\fBsbmt\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR ...]\n"
                    ".SH DESCRIPTION\n",
                    SBMT_DATE, sbmt_version());
    line("Trains, evaluates and compares SBM-Transformer (arXiv 2210.15541), in which every head "
         "of every sequence draws its own graph, and its rivals. Every command also takes --help. "
         "The files of a run are in a folder of its own.",
         out);
    commands(out);
    sbmt_str_printf(out, ".SH CONFIGURATION\n");
    line("Keys of a configuration file. On the command line a key is written with dots: "
         "train.steps=200. An option of a kind of attention has the kind's name behind it.",
         out);
    sbmt_config_visit(sbmt_experiment_fields, key, out);
    rest(out);
}
