/* Words of a text as BERT sees them. */
#include "data/bert_text.h"

#include <stdlib.h>

#include "core/io/utf8.h"
#include "data/unicode.h"

/* What is done with a character. */
enum action { DROP, PART, SINGLE, JOIN };

/* Bytes that one character of the text can become: up to 4 characters decomposed, 2 in small. */
enum { MOST_BYTES = 2 * SBMT_UTF8_BYTES * SBMT_UNICODE_DECOMPOSED, FIRST = 256 };

void sbmt_bert_words_finish(struct sbmt_bert_words *words)
{
    free(words->text);
    free(words->word);
    *words = (struct sbmt_bert_words){0};
}

static enum action ascii_action(unsigned char c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return PART;
    if (c < ' ' || c == 0x7F)
        return DROP;
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return letter || (c >= '0' && c <= '9') ? JOIN : SINGLE;
}

/* The CJK Unified Ideographs and their extensions A to E, and the compatibility ideographs; not
 * Hangul, Hiragana or Katakana, which are written with spaces or in runs. */
static bool is_chinese(int32_t c)
{
    static const int32_t ranges[][2] = {
        {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
        {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B820, 0x2CEAF}, {0x2F800, 0x2FA1F},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* The list and whether its last word goes on. */
struct splitter {
    struct sbmt_bert_words *words;
    struct sbmt_bert_text how;
    bool open;
};

static bool reserve_word(struct sbmt_bert_words *words)
{
    if (words->count < words->capacity)
        return true;
    const size_t capacity = words->capacity == 0 ? FIRST : 2 * words->capacity;
    struct sbmt_bert_word *word = realloc(words->word, capacity * sizeof *word);
    if (word == NULL) {
        words->failed = true;
        return false;
    }
    words->word = word;
    words->capacity = capacity;
    return true;
}

static bool reserve_text(struct sbmt_bert_words *words)
{
    if (words->text_capacity - words->used >= MOST_BYTES)
        return true;
    const size_t capacity = 2 * words->text_capacity + MOST_BYTES;
    char *text = realloc(words->text, capacity);
    if (text == NULL) {
        words->failed = true;
        return false;
    }
    words->text = text;
    words->text_capacity = capacity;
    return true;
}

/* Puts a character, for which there is room, into the last word or, as `action` asks, into one of
 * its own. */
static void put(struct splitter *splitter, int32_t c, enum action action)
{
    struct sbmt_bert_words *words = splitter->words;
    if (action == SINGLE || !splitter->open) {
        if (!reserve_word(words))
            return;
        words->word[words->count++] = (struct sbmt_bert_word){.begin = words->used};
    }
    struct sbmt_bert_word *word = &words->word[words->count - 1];
    if (c < 0x80)
        words->text[words->used++] = (char)c;
    else
        words->used += (size_t)sbmt_utf8_put(c, words->text + words->used);
    word->length = words->used - word->begin;
    word->characters++;
    splitter->open = action == JOIN;
}

/* A clean character that is no space, to be changed in case only. */
static void put_in_case(struct splitter *splitter, int32_t c, bool chinese)
{
    int32_t small[2] = {c};
    const int count = splitter->how.lower_case ? sbmt_unicode_lower(c, small) : 1;
    for (int i = 0; i < count; i++) {
        const bool single = small[i] < 0x80
                                ? ascii_action((unsigned char)small[i]) == SINGLE
                                : sbmt_unicode_class(small[i]) == SBMT_UNICODE_PUNCTUATION;
        put(splitter, small[i], single || chinese ? SINGLE : JOIN);
    }
}

static void split_beyond_ascii(struct splitter *splitter, int32_t c)
{
    const enum sbmt_unicode_class class = sbmt_unicode_class(c);
    /* U+0085, next line, is both: BERT drops it. */
    if (class == SBMT_UNICODE_CONTROL || c == 0x85 || c == SBMT_UTF8_REPLACEMENT)
        return;
    if (class == SBMT_UNICODE_SPACE) {
        splitter->open = false;
        return;
    }
    const bool chinese = is_chinese(c);
    if (!splitter->how.strip_accents) {
        put_in_case(splitter, c, chinese);
        return;
    }
    int32_t parts[SBMT_UNICODE_DECOMPOSED];
    const int count = sbmt_unicode_decompose(c, parts);
    for (int i = 0; i < count; i++)
        if (sbmt_unicode_class(parts[i]) != SBMT_UNICODE_MARK)
            put_in_case(splitter, parts[i], chinese);
}

void sbmt_bert_split(struct sbmt_bert_words *words, struct sbmt_bert_text how, const char *text,
                     size_t length)
{
    struct splitter splitter = {.words = words, .how = how};
    words->used = words->count = 0;
    size_t i = 0;
    while (i < length && !words->failed && reserve_text(words)) {
        const unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x80) {
            int bytes;
            const int32_t c = sbmt_utf8_next(text + i, length - i, &bytes);
            i += (size_t)bytes;
            if (c >= 0)
                split_beyond_ascii(&splitter, c);
            continue;
        }
        const enum action action = ascii_action(byte);
        i++;
        if (action == PART)
            splitter.open = false;
        else if (action != DROP)
            put(&splitter, how.lower_case && byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte,
                action);
    }
}
