/* sbmt data tokenize: lines of text as the tokens that a pretrained model reads. */
#include <inttypes.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "data/lines.h"
#include "data/tokenizer.h"

enum print { PRINT_IDS, PRINT_TOKENS, PRINT_TEXT };

static const char *const prints[] = {"ids", "tokens", "text", NULL};

enum { MOST_TOKENS = 1 << 20, PAGE = 1 << 16 };

struct options {
    const char *vocab, *merges;
    bool cased, accents, pairs;
    int length, print;
};

static const struct sbmt_field fields[] = {
    SBMT_STRING(struct options, vocab, NULL, "vocab.txt of BERT, or vocab.json of RoBERTa",
                .argument = "FILE"),
    SBMT_STRING(struct options, merges, NULL, "merges.txt: the tokenizer is RoBERTa's, not BERT's",
                .argument = "FILE"),
    SBMT_BOOL(struct options, cased, false, "BERT: keep capitals and accents"),
    SBMT_BOOL(struct options, accents, false, "BERT: keep accents"),
    SBMT_BOOL(struct options, pairs, false, "a line holds two texts with a tab between them"),
    SBMT_INT(struct options, length, 512, 4, MOST_TOKENS,
             "most tokens of a line, special ones included; longer texts are cut"),
    SBMT_CHOICE(struct options, print, prints, PRINT_IDS,
                "what to print: ids; tokens as the vocabulary has them; the text they stand for"),
    SBMT_FIELDS_END,
};

/* What one line after another goes through. */
struct work {
    struct sbmt_tokenizer tokenizer;
    struct sbmt_token_list first, second, input;
    struct sbmt_str out;
};

static void print_input(struct work *work, int print)
{
    const struct sbmt_token_list *input = &work->input;
    if (print == PRINT_TEXT)
        sbmt_tokenizer_decode(&work->tokenizer, input->id, input->count, &work->out);
    for (size_t i = 0; i < input->count && print != PRINT_TEXT; i++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(&work->tokenizer.vocabulary, input->id[i],
                                                  &length);
        if (i > 0)
            sbmt_str_append(&work->out, " ", 1);
        if (print == PRINT_TOKENS)
            sbmt_str_append(&work->out, token, length);
        else
            sbmt_str_printf(&work->out, "%" PRId32, input->id[i]);
    }
    sbmt_str_append(&work->out, "\n", 1);
}

static bool tokenize_line(struct work *work, const struct options *options,
                          const struct sbmt_lines *lines, struct sbmt_error *err)
{
    const char *text = lines->text;
    size_t length = lines->length;
    const char *tab = options->pairs ? memchr(text, '\t', length) : NULL;
    if (options->pairs && tab == NULL)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ": no tab in this line; --pairs expects two texts",
                         lines->path, lines->number);
    sbmt_token_list_clear(&work->first);
    sbmt_token_list_clear(&work->second);
    if (tab != NULL) {
        const size_t begin = (size_t)(tab - text) + 1;
        sbmt_tokenizer_encode(&work->tokenizer, text + begin, length - begin, &work->second);
        length = begin - 1;
    }
    sbmt_tokenizer_encode(&work->tokenizer, text, length, &work->first);
    sbmt_pair_encode(&work->tokenizer.format, &work->first, tab != NULL ? &work->second : NULL,
                     (size_t)options->length, &work->input, NULL);
    print_input(work, options->print);
    if (work->first.failed || work->second.failed || work->input.failed)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for this line",
                         lines->path, lines->number);
    return true;
}

static bool tokenize_file(struct work *work, const struct options *options, const char *path,
                          struct sbmt_error *err)
{
    struct sbmt_lines lines;
    if (!sbmt_lines_open(&lines, path, err))
        return false;
    bool done;
    while ((done = sbmt_lines_next(&lines, err)) && lines.text != NULL) {
        done = tokenize_line(work, options, &lines, err) &&
               (work->out.length < PAGE || sbmt_terminal_print(&work->out, err));
        if (!done)
            break;
    }
    sbmt_lines_close(&lines);
    return sbmt_terminal_print(&work->out, done ? err : NULL) && done;
}

static bool open_tokenizer(struct sbmt_tokenizer *tokenizer, const struct options *options,
                           struct sbmt_error *err)
{
    if (options->vocab == NULL)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--vocab is missing: vocab.txt, or vocab.json together with --merges");
    const struct sbmt_bert_text text = {
        .lower_case = !options->cased,
        .strip_accents = !options->cased && !options->accents,
    };
    if (options->merges == NULL)
        return sbmt_tokenizer_open_bert(tokenizer, options->vocab, text, err);
    if (options->cased || options->accents)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--cased and --accents are options of BERT; with --merges the text stays "
                         "as it is");
    return sbmt_tokenizer_open_roberta(tokenizer, options->vocab, options->merges, err);
}

static bool run(const struct sbmt_call *call, struct sbmt_error *err)
{
    static const char *const input[] = {SBMT_LINES_STANDARD_INPUT};
    const char *const *paths = call->count > 0 ? call->arguments : input;
    struct work work = {0};
    bool done = open_tokenizer(&work.tokenizer, call->options, err);
    for (int i = 0; done && i < (call->count > 0 ? call->count : 1); i++)
        done = tokenize_file(&work, call->options, paths[i], err);
    sbmt_tokenizer_close(&work.tokenizer);
    sbmt_token_list_finish(&work.first);
    sbmt_token_list_finish(&work.second);
    sbmt_token_list_finish(&work.input);
    sbmt_str_finish(&work.out);
    return done;
}

extern const struct sbmt_command sbmt_command_data_tokenize;
const struct sbmt_command sbmt_command_data_tokenize = {
    .group = "Data",
    .name = "data tokenize",
    .arguments = "[FILE ...]",
    .doc = "prints the tokens that BERT or RoBERTa reads for each line of files or standard input",
    .most_arguments = -1,
    .options = fields,
    .options_size = sizeof(struct options),
    .run = run,
};
