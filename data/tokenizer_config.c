/* Tokenizers as configurations name them. */
#include "data/tokenizer_config.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kinds[] = {
    [SBMT_TOKENIZER_BERT] = "bert", [SBMT_TOKENIZER_ROBERTA] = "roberta", NULL};

enum { SHORTEST = 8, LONGEST = 1 << 16, MOST_TOKENS = 1 << 16 };

#define ROW struct sbmt_tokenizer_config
const struct sbmt_field sbmt_tokenizer_fields[] = {
    SBMT_CHOICE(ROW, kind, kinds, SBMT_TOKENIZER_BERT,
                "WordPiece of BERT, or byte-level byte pairs of RoBERTa"),
    SBMT_STRING(ROW, folder, NULL,
                "the folder with vocab.txt, or vocab.json and merges.txt, or BERT's vocabulary "
                "itself; tasks of texts need it"),
    SBMT_BOOL(ROW, lower_case, true, "BERT: take capitals and accents away, as uncased models do"),
    SBMT_INT(ROW, max_length, 128, SHORTEST, LONGEST,
             "longest sequence in tokens, special ones included; longer texts are cut"),
    SBMT_FIELDS_END,
};

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool join(const char *folder, const char *name, char path[PATH_MAX], struct sbmt_error *err)
{
    const int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return (length >= 0 && length < PATH_MAX) ||
           sbmt_fail(err, SBMT_ERROR_CONFIG, "tokenizer.folder: %.200s…: this name is too long",
                     folder);
}

static bool open_bert(struct sbmt_tokenizer *tokenizer, const struct sbmt_tokenizer_config *config,
                      struct sbmt_error *err)
{
    char path[PATH_MAX];
    const struct sbmt_bert_text text = {.lower_case = config->lower_case,
                                        .strip_accents = config->lower_case};
    if (is_file(config->folder))
        return sbmt_tokenizer_open_bert(tokenizer, config->folder, text, err);
    return join(config->folder, "vocab.txt", path, err) &&
           sbmt_tokenizer_open_bert(tokenizer, path, text, err);
}

static bool open_roberta(struct sbmt_tokenizer *tokenizer,
                         const struct sbmt_tokenizer_config *config, struct sbmt_error *err)
{
    char vocabulary[PATH_MAX], merges[PATH_MAX];
    return join(config->folder, "vocab.json", vocabulary, err) &&
           join(config->folder, "merges.txt", merges, err) &&
           sbmt_tokenizer_open_roberta(tokenizer, vocabulary, merges, err);
}

bool sbmt_tokenizer_open(struct sbmt_tokenizer *tokenizer,
                         const struct sbmt_tokenizer_config *config, struct sbmt_error *err)
{
    *tokenizer = (struct sbmt_tokenizer){0};
    if (config == NULL || config->folder == NULL)
        return sbmt_fail(err, SBMT_ERROR_CONFIG,
                         "tokenizer.folder: is not set, and this task reads texts; name the folder "
                         "of a vocabulary");
    const bool bert = config->kind == SBMT_TOKENIZER_BERT;
    if (access(config->folder, F_OK) != 0)
        return sbmt_fail(
            err, SBMT_ERROR_CONFIG, "tokenizer.folder: there is no %s%s; name a folder with %s%s",
            config->folder, *config->folder == '/' ? "" : " here",
            bert ? "BERT's vocab.txt, or that file" : "RoBERTa's vocab.json and merges.txt",
            *config->folder == '/' ? "" : "; a run is evaluated where it was begun");
    if (!(bert ? open_bert : open_roberta)(tokenizer, config, err))
        return false;
    const int count = tokenizer->vocabulary.count;
    if (count <= MOST_TOKENS)
        return true;
    sbmt_tokenizer_close(tokenizer);
    return sbmt_fail(err, SBMT_ERROR_CONFIG,
                     "tokenizer.folder: %s has %d tokens; at most %d can be told apart",
                     config->folder, count, (int)MOST_TOKENS);
}
