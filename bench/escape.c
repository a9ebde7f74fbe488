/* Text as other formats take it. */
#include "bench/escape.h"

#include <string.h>

/* What a piece of text is replaced by. */
struct replacement {
    const char *from, *to;
};

static const struct replacement html[] = {
    {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"},
    {"'", "&#39;"}, {"\n", "\n"},  {"\t", "\t"},  {NULL, NULL},
};

static const struct replacement latex[] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"^", "\\textasciicircum{}"},
    {"~", "\\textasciitilde{}"},
    {"<", "$<$"},
    {">", "$>$"},
    {"|", "$|$"},
    {"\"", "''"},
    {"±", "$\\pm$"},
    {"×", "$\\times$"},
    {"−", "$-$"},
    {"≤", "$\\le$"},
    {"†", "$\\dagger$"},
    {"…", "\\dots{}"},
    {"\n", " "},
    {NULL, NULL},
};

static const struct replacement markdown[] = {
    {"\\", "\\\\"}, {"|", "\\|"}, {"*", "\\*"}, {"_", "\\_"}, {"`", "\\`"},
    {"[", "\\["},   {"<", "\\<"}, {"\n", " "},  {NULL, NULL},
};

static const struct replacement *find(const struct replacement *table, const char *text)
{
    for (; table->from != NULL; table++)
        if (strncmp(text, table->from, strlen(table->from)) == 0)
            return table;
    return NULL;
}

static void replace(const struct replacement *table, const char *text, struct sbmt_str *out)
{
    while (*text != '\0') {
        const struct replacement *found = find(table, text);
        if (found != NULL)
            sbmt_str_printf(out, "%s", found->to);
        else
            sbmt_str_append(out, (unsigned char)*text < ' ' ? " " : text, 1);
        text += found != NULL ? strlen(found->from) : 1;
    }
}

void sbmt_escape_html(const char *text, struct sbmt_str *out)
{
    replace(html, text, out);
}

void sbmt_escape_latex(const char *text, struct sbmt_str *out)
{
    replace(latex, text, out);
}

void sbmt_escape_markdown(const char *text, struct sbmt_str *out)
{
    replace(markdown, text, out);
}

void sbmt_escape_csv(const char *text, struct sbmt_str *out)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        sbmt_str_printf(out, "%s", text);
        return;
    }
    sbmt_str_printf(out, "\"");
    for (; *text != '\0'; text++)
        sbmt_str_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    sbmt_str_printf(out, "\"");
}
