/* Names and rows of Pathfinder's files. */
#include "data/pathfinder_names.h"

#include <string.h>

enum { MOST_DIGITS = 18 };

/* Each takes something from the front of a text, if it is there. */
static bool take(const char **text, const char *word)
{
    const size_t length = strlen(word);
    const bool there = strncmp(*text, word, length) == 0;
    *text += there ? length : 0;
    return there;
}

static bool take_number(const char **text, int64_t *number)
{
    const char *digits = *text;
    const size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > MOST_DIGITS || (digits[0] == '0' && count > 1))
        return false;
    *number = 0;
    for (size_t i = 0; i < count; i++)
        *number = 10 * *number + (digits[i] - '0');
    *text += count;
    return true;
}

static bool take_blanks(const char **text)
{
    const size_t count = strspn(*text, " \t\r");
    *text += count;
    return count > 0;
}

static bool take_word(const char **text)
{
    const size_t count = strcspn(*text, " \t\r");
    *text += count;
    return count > 0;
}

bool sbmt_pathfinder_is_picture(const char *name, int64_t *folder, int64_t *number)
{
    return take(&name, "imgs/") && take_number(&name, folder) && take(&name, "/sample_") &&
           take_number(&name, number) && take(&name, ".png") && *name == '\0';
}

bool sbmt_pathfinder_is_sheet(const char *name, int64_t *number)
{
    return take(&name, "metadata/") && take_number(&name, number) && take(&name, ".npy") &&
           *name == '\0';
}

bool sbmt_pathfinder_is_row(const char *text, int64_t *folder, int64_t *number, int *label)
{
    if (!take(&text, "imgs/") || !take_number(&text, folder) || !take_blanks(&text) ||
        !take(&text, "sample_") || !take_number(&text, number) || !take(&text, ".png") ||
        !take_blanks(&text) || !take_word(&text) || !take_blanks(&text))
        return false;
    *label = *text == '1';
    return (take(&text, "0") || take(&text, "1")) && (*text == '\0' || take_blanks(&text));
}
