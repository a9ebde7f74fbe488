/* Text as other formats take it. */
#include "bench/escape.h"

#include <stdint.h>
#include <string.h>

#include "core/io/utf8.h"

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
    {"\n", " "},
    {NULL, NULL},
};

/* Symbols, which UTF-8 input for LaTeX does not know. */
static const struct replacement symbols[] = {
    {"−", "$-$"},
    {"±", "$\\pm$"},
    {"×", "$\\times$"},
    {"÷", "$\\div$"},
    {"≤", "$\\le$"},
    {"≥", "$\\ge$"},
    {"≠", "$\\ne$"},
    {"≈", "$\\approx$"},
    {"≡", "$\\equiv$"},
    {"∼", "$\\sim$"},
    {"∝", "$\\propto$"},
    {"∞", "$\\infty$"},
    {"→", "$\\rightarrow$"},
    {"←", "$\\leftarrow$"},
    {"↔", "$\\leftrightarrow$"},
    {"⇒", "$\\Rightarrow$"},
    {"∈", "$\\in$"},
    {"∑", "$\\sum$"},
    {"∏", "$\\prod$"},
    {"√", "$\\surd$"},
    {"∂", "$\\partial$"},
    {"∇", "$\\nabla$"},
    {"∘", "$\\circ$"},
    {"⋅", "$\\cdot$"},
    {"∪", "$\\cup$"},
    {"∩", "$\\cap$"},
    {"⊂", "$\\subset$"},
    {"⊆", "$\\subseteq$"},
    {"∀", "$\\forall$"},
    {"∃", "$\\exists$"},
    {"∅", "$\\emptyset$"},
    {"‖", "$\\Vert$"},
    {"∥", "$\\Vert$"},
    {"ℓ", "$\\ell$"},
    {"′", "${}^{\\prime}$"},
    {"″", "${}^{\\prime\\prime}$"},
    {"†", "$\\dagger$"},
    {"‡", "$\\ddagger$"},
    {"⟨", "$\\langle$"},
    {"⟩", "$\\rangle$"},
    {"⊕", "$\\oplus$"},
    {"⊗", "$\\otimes$"},
    {"∗", "$\\ast$"},
    {"α", "$\\alpha$"},
    {"β", "$\\beta$"},
    {"γ", "$\\gamma$"},
    {"δ", "$\\delta$"},
    {"ε", "$\\varepsilon$"},
    {"ζ", "$\\zeta$"},
    {"η", "$\\eta$"},
    {"θ", "$\\theta$"},
    {"ι", "$\\iota$"},
    {"κ", "$\\kappa$"},
    {"λ", "$\\lambda$"},
    {"μ", "$\\mu$"},
    {"ν", "$\\nu$"},
    {"ξ", "$\\xi$"},
    {"π", "$\\pi$"},
    {"ρ", "$\\rho$"},
    {"ς", "$\\varsigma$"},
    {"σ", "$\\sigma$"},
    {"τ", "$\\tau$"},
    {"υ", "$\\upsilon$"},
    {"φ", "$\\varphi$"},
    {"χ", "$\\chi$"},
    {"ψ", "$\\psi$"},
    {"ω", "$\\omega$"},
    {"ϑ", "$\\vartheta$"},
    {"ϕ", "$\\phi$"},
    {"ϵ", "$\\epsilon$"},
    {"Γ", "$\\Gamma$"},
    {"Δ", "$\\Delta$"},
    {"Θ", "$\\Theta$"},
    {"Λ", "$\\Lambda$"},
    {"Ξ", "$\\Xi$"},
    {"Π", "$\\Pi$"},
    {"Σ", "$\\Sigma$"},
    {"Υ", "$\\Upsilon$"},
    {"Φ", "$\\Phi$"},
    {"Ψ", "$\\Psi$"},
    {"Ω", "$\\Omega$"},
    {"Α", "$\\mathrm{A}$"},
    {"Β", "$\\mathrm{B}$"},
    {"Ε", "$\\mathrm{E}$"},
    {"Ζ", "$\\mathrm{Z}$"},
    {"Η", "$\\mathrm{H}$"},
    {"Ι", "$\\mathrm{I}$"},
    {"Κ", "$\\mathrm{K}$"},
    {"Μ", "$\\mathrm{M}$"},
    {"Ν", "$\\mathrm{N}$"},
    {"Ο", "$\\mathrm{O}$"},
    {"Ρ", "$\\mathrm{P}$"},
    {"Τ", "$\\mathrm{T}$"},
    {"Χ", "$\\mathrm{X}$"},
    {"ο", "$o$"},
    {"…", "\\dots{}"},
    {" ", "\\,"},
    {" ", "\\,"},
    {"✓", "$\\surd$"},
    {"️", ""},
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

/* Appends a character that is not in the table; returns its bytes. */
static size_t keep(const char *text, struct sbmt_str *out)
{
    sbmt_str_append(out, (unsigned char)*text < ' ' ? " " : text, 1);
    return 1;
}

static void replace(const struct replacement *table, const char *text,
                    size_t (*rest)(const char *text, struct sbmt_str *out), struct sbmt_str *out)
{
    while (*text != '\0') {
        const struct replacement *found = find(table, text);
        if (found != NULL)
            sbmt_str_printf(out, "%s", found->to);
        text += found != NULL ? strlen(found->from) : rest(text, out);
    }
}

/* The letters and signs that LaTeX knows from UTF-8 with its T1 fonts. */
static bool is_known(int32_t code)
{
    static const int32_t ranges[][2] = {
        {0xA0, 0x125},    {0x128, 0x137},   {0x139, 0x13E},   {0x141, 0x148},
        {0x14A, 0x165},   {0x168, 0x17E},   {0x218, 0x21B},   {0x2010, 0x2016},
        {0x2018, 0x201A}, {0x201C, 0x201E}, {0x2020, 0x2022}, {0x2030, 0x2031},
        {0x2039, 0x203B}, {0x20AC, 0x20AC}, {0x2116, 0x2116}, {0x2122, 0x2122},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

/* Digits above and below the line; of what else LaTeX does not know the number. */
static size_t keep_latex(const char *text, struct sbmt_str *out)
{
    int length;
    const int32_t code = sbmt_utf8_next(text, strlen(text), &length);
    const struct replacement *symbol = find(symbols, text);
    if (code >= 0 && code < 0x80)
        return keep(text, out);
    if (symbol != NULL)
        sbmt_str_printf(out, "%s", symbol->to);
    else if (code == 0x2070 || (code >= 0x2074 && code <= 0x2079))
        sbmt_str_printf(out, "$^{%d}$", (int)(code - 0x2070));
    else if (code >= 0x2080 && code <= 0x2089)
        sbmt_str_printf(out, "$_{%d}$", (int)(code - 0x2080));
    else if (is_known(code))
        sbmt_str_append(out, text, (size_t)length);
    else
        sbmt_str_printf(out, "[U+%04X]",
                        (unsigned)(code < 0 ? (int32_t)SBMT_UTF8_REPLACEMENT : code));
    return (size_t)length;
}

void sbmt_escape_html(const char *text, struct sbmt_str *out)
{
    replace(html, text, keep, out);
}

void sbmt_escape_latex(const char *text, struct sbmt_str *out)
{
    replace(latex, text, keep_latex, out);
}

void sbmt_escape_markdown(const char *text, struct sbmt_str *out)
{
    replace(markdown, text, keep, out);
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
