/* Learning a vocabulary: words and their frequencies, the alphabet, merges, the file. */
#include "data/wordpiece_train.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/file.h"
#include "core/io/utf8.h"
#include "data/bert_text.h"
#include "data/lines.h"
#include "data/tokenizer.h"
#include "data/wordpiece_merge.h"

enum { MOST_TOKENS = 1 << 20, MOST_CHARACTERS = 1 << 20 };

const struct sbmt_field sbmt_wordpiece_fields[] = {
    SBMT_STRING(struct sbmt_wordpiece_options, vocab, NULL, "file to write, a token a line",
                .argument = "FILE"),
    SBMT_INT(struct sbmt_wordpiece_options, size, 30000, 1, MOST_TOKENS,
             "most tokens, special ones and the alphabet included"),
    SBMT_INT(struct sbmt_wordpiece_options, min_count, 2, 1, INT_MAX,
             "pieces that occur together fewer times stay apart"),
    SBMT_INT(struct sbmt_wordpiece_options, characters, 1000, 1, MOST_CHARACTERS,
             "most characters of the alphabet: words of rarer ones are left out"),
    SBMT_BOOL(struct sbmt_wordpiece_options, cased, false, "keep capitals and accents"),
    SBMT_BOOL(struct sbmt_wordpiece_options, accents, false, "keep accents"),
    SBMT_BOOL(struct sbmt_wordpiece_options, force, false, "replace a file that exists"),
    SBMT_FIELDS_END,
};

/* A character, how often it is in the text, and whether a word goes on with it. */
struct character {
    int32_t character;
    int64_t frequency;
    bool continues;
};

struct trainer {
    struct sbmt_bert_text how;
    struct sbmt_bert_words split;
    struct sbmt_vocabulary words; /* all different words of the text */
    int64_t *frequency;           /* of each of these */
    int frequencies;              /* that there is room for */
    struct character *alphabet;   /* CODE_POINTS, then those that are kept */
    int characters;
    struct sbmt_vocabulary pieces;
    struct sbmt_piece_words cut;
};

static bool count_word(struct trainer *trainer, const char *word, size_t length)
{
    int32_t id = sbmt_vocabulary_find(&trainer->words, word, length);
    if (id < 0)
        id = sbmt_vocabulary_add(&trainer->words, word, length);
    if (id >= trainer->frequencies) {
        const int room = trainer->words.capacity;
        int64_t *frequency = realloc(trainer->frequency, (size_t)room * sizeof *frequency);
        if (frequency == NULL)
            return false;
        memset(frequency + trainer->frequencies, 0,
               (size_t)(room - trainer->frequencies) * sizeof *frequency);
        trainer->frequency = frequency;
        trainer->frequencies = room;
    }
    if (id >= 0)
        trainer->frequency[id]++;
    return id >= 0;
}

static bool count_line(struct trainer *trainer, const struct sbmt_lines *lines,
                       struct sbmt_error *err)
{
    struct sbmt_bert_words *split = &trainer->split;
    sbmt_bert_split(split, trainer->how, lines->text, lines->length);
    bool counted = !split->failed;
    for (size_t i = 0; counted && i < split->count; i++)
        if (split->word[i].characters <= SBMT_WORDPIECE_LONGEST)
            counted = count_word(trainer, split->text + split->word[i].begin,
                                 split->word[i].length);
    return counted || sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for the words",
                                lines->path, lines->number);
}

static bool count_file(struct trainer *trainer, const char *path, struct sbmt_error *err)
{
    struct sbmt_lines lines;
    if (!sbmt_lines_open(&lines, path, err))
        return false;
    bool read;
    while ((read = sbmt_lines_next(&lines, err)) && lines.text != NULL)
        if (!(read = count_line(trainer, &lines, err)))
            break;
    sbmt_lines_close(&lines);
    return read;
}

static int by_frequency(const void *a, const void *b)
{
    const struct character *first = a, *second = b;
    if (first->frequency != second->frequency)
        return first->frequency > second->frequency ? -1 : 1;
    return (first->character > second->character) - (first->character < second->character);
}

static int by_code_point(const void *a, const void *b)
{
    const struct character *first = a, *second = b;
    return (first->character > second->character) - (first->character < second->character);
}

/* The characters of all words, `most` of them, in the order of code points. */
static bool find_alphabet(struct trainer *trainer, int most, struct sbmt_error *err)
{
    struct character *alphabet = calloc(SBMT_UTF8_CODE_POINTS, sizeof *alphabet);
    trainer->alphabet = alphabet;
    if (alphabet == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for the alphabet");
    for (int32_t word = 0; word < trainer->words.count; word++) {
        size_t length;
        const char *text = sbmt_vocabulary_token(&trainer->words, word, &length);
        int bytes;
        for (size_t i = 0; i < length; i += (size_t)bytes) {
            /* Never −1: words are UTF-8, whatever the text was. */
            const int32_t c = sbmt_utf8_next(text + i, length - i, &bytes);
            alphabet[c].frequency += trainer->frequency[word];
            alphabet[c].continues = alphabet[c].continues || i > 0;
        }
    }
    int count = 0;
    for (int32_t c = 0; c < SBMT_UTF8_CODE_POINTS; c++)
        if (alphabet[c].frequency > 0) {
            alphabet[count] = alphabet[c];
            alphabet[count++].character = c;
        }
    qsort(alphabet, (size_t)count, sizeof *alphabet, by_frequency);
    trainer->characters = count < most ? count : most;
    qsort(alphabet, (size_t)trainer->characters, sizeof *alphabet, by_code_point);
    return true;
}

/* Adds the special tokens and the alphabet. */
static bool add_first_pieces(struct trainer *trainer, struct sbmt_error *err)
{
    static const enum sbmt_special order[] = {SBMT_SPECIAL_PAD, SBMT_SPECIAL_UNKNOWN,
                                              SBMT_SPECIAL_BEGIN, SBMT_SPECIAL_SEPARATOR,
                                              SBMT_SPECIAL_MASK};
    struct sbmt_vocabulary *pieces = &trainer->pieces;
    for (int i = 0; i < SBMT_SPECIAL_COUNT; i++) {
        const char *text = sbmt_special_text(SBMT_TOKENIZER_BERT, order[i]);
        sbmt_vocabulary_add(pieces, text, strlen(text));
    }
    const size_t mark = strlen(SBMT_WORDPIECE_CONTINUATION);
    for (int continued = 0; continued < 2; continued++)
        for (int i = 0; i < trainer->characters; i++) {
            const struct character *character = &trainer->alphabet[i];
            char text[8] = SBMT_WORDPIECE_CONTINUATION;
            char *place = text + (continued ? mark : 0);
            const size_t length = (size_t)sbmt_utf8_put(character->character, place);
            if (!continued || character->continues)
                sbmt_vocabulary_add(pieces, text, (size_t)(place - text) + length);
        }
    return !pieces->failed || sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for the vocabulary");
}

/* Cuts a word into its characters; false if one is not in the alphabet. */
static bool cut_word(const struct trainer *trainer, const char *word, size_t length, int32_t *piece,
                     int *count)
{
    const struct sbmt_trie *trie = &trainer->pieces.trie;
    const uint32_t continued = sbmt_trie_walk(trie, SBMT_WORDPIECE_CONTINUATION,
                                              strlen(SBMT_WORDPIECE_CONTINUATION));
    *count = 0;
    for (size_t i = 0; i < length;) {
        int bytes;
        uint32_t node = i == 0 ? 0 : continued;
        (void)sbmt_utf8_next(word + i, length - i, &bytes);
        const size_t end = i + (size_t)bytes;
        if (i > 0 && node == 0)
            return false;
        for (; i < end; i++) {
            node = sbmt_trie_step(trie, node, word[i]);
            if (node == 0)
                return false;
        }
        piece[(*count)++] = trie->value[node];
        if (trie->value[node] < 0)
            return false;
    }
    return true;
}

static bool cut_words(struct trainer *trainer, struct sbmt_error *err)
{
    struct sbmt_piece_words *cut = &trainer->cut;
    const size_t words = (size_t)trainer->words.count, bytes = trainer->words.text.length;
    cut->begin = malloc(words * sizeof *cut->begin);
    cut->length = malloc(words * sizeof *cut->length);
    cut->frequency = malloc(words * sizeof *cut->frequency);
    cut->piece = malloc(bytes * sizeof *cut->piece);
    if (cut->begin == NULL || cut->length == NULL || cut->frequency == NULL || cut->piece == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for the words");
    size_t used = 0;
    for (int32_t word = 0; word < trainer->words.count; word++) {
        size_t length;
        const char *text = sbmt_vocabulary_token(&trainer->words, word, &length);
        const int i = cut->count;
        if (!cut_word(trainer, text, length, cut->piece + used, &cut->length[i]))
            continue;
        cut->begin[i] = used;
        cut->frequency[i] = trainer->frequency[word];
        cut->count++;
        used += (size_t)cut->length[i];
    }
    return true;
}

static bool write_pieces(const struct sbmt_vocabulary *pieces, const char *path,
                         struct sbmt_error *err)
{
    struct sbmt_str text = {0};
    for (int32_t id = 0; id < pieces->count; id++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(pieces, id, &length);
        sbmt_str_append(&text, token, length);
        sbmt_str_append(&text, "\n", 1);
    }
    const bool written = text.failed ? sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: out of memory", path)
                                     : sbmt_file_write(path, text.text, text.length, err);
    sbmt_str_finish(&text);
    return written;
}

static bool learn(struct trainer *trainer, const struct sbmt_wordpiece_options *options,
                  const char *const *paths, int count, struct sbmt_error *err)
{
    for (int i = 0; i < count; i++)
        if (!count_file(trainer, paths[i], err))
            return false;
    if (trainer->words.count == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s: no words to learn from",
                         sbmt_lines_name(paths[0]));
    if (!find_alphabet(trainer, options->characters, err) || !add_first_pieces(trainer, err))
        return false;
    if (trainer->pieces.count > options->size)
        return sbmt_fail(err, SBMT_ERROR_USAGE,
                         "--size %d: special tokens and alphabet are %d tokens already",
                         options->size, trainer->pieces.count);
    return cut_words(trainer, err) && sbmt_wordpiece_merge(&trainer->pieces, &trainer->cut,
                                                           options->size, options->min_count, err);
}

bool sbmt_wordpiece_train(const struct sbmt_wordpiece_options *options, const char *const *paths,
                          int count, const struct sbmt_log *log, struct sbmt_error *err)
{
    if (!options->force && sbmt_file_exists(options->vocab))
        return sbmt_fail(err, SBMT_ERROR_USAGE, "%s: exists; --force replaces it", options->vocab);
    struct trainer trainer = {
        .how = {.lower_case = !options->cased,
                .strip_accents = !options->cased && !options->accents},
    };
    const bool done = learn(&trainer, options, paths, count, err) &&
                      write_pieces(&trainer.pieces, options->vocab, err);
    if (done)
        sbmt_log_write(log, SBMT_LOG_NOTE, "%s: %d tokens from %d different words of %d characters",
                       options->vocab, trainer.pieces.count, trainer.words.count,
                       trainer.characters);
    sbmt_bert_words_finish(&trainer.split);
    sbmt_vocabulary_finish(&trainer.words);
    sbmt_vocabulary_finish(&trainer.pieces);
    free(trainer.frequency);
    free(trainer.alphabet);
    free(trainer.cut.begin);
    free(trainer.cut.length);
    free(trainer.cut.piece);
    free(trainer.cut.frequency);
    return done;
}
