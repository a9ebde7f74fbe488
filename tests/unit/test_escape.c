/* Text as LaTeX, HTML, Markdown and CSV take it. */
#include "tests/suite.h"

#include "bench/escape.h"

static void compare(void (*escape)(const char *text, struct sbmt_str *out), const char *text,
                    const char *expected)
{
    struct sbmt_str out = {0};
    escape(text, &out);
    ck_assert_str_eq(out.text != NULL ? out.text : "", expected);
    sbmt_str_finish(&out);
}

START_TEST(latex)
{
    compare(sbmt_escape_latex, "", "");
    compare(sbmt_escape_latex, "plain text, 1.5", "plain text, 1.5");
    compare(sbmt_escape_latex, "a_b & 5% of {$x} #1", "a\\_b \\& 5\\% of \\{\\$x\\} \\#1");
    compare(sbmt_escape_latex, "\\~^", "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}");
    compare(sbmt_escape_latex, "p<0.05|>\"", "p$<$0.05$|$$>$''");
    compare(sbmt_escape_latex, "1 ± 2 × 3 † é", "1 $\\pm$ 2 $\\times$ 3 $\\dagger$ é");
    compare(sbmt_escape_latex, "λ ≥ δ₂, Ω → ∞⁴",
            "$\\lambda$ $\\ge$ $\\delta$$_{2}$, $\\Omega$ $\\rightarrow$ $\\infty$$^{4}$");
    compare(sbmt_escape_latex, "“Łódź” – €5", "“Łódź” – €5");
    compare(sbmt_escape_latex, "中\xff🙂", "[U+4E2D][U+FFFD][U+1F642]");
    compare(sbmt_escape_latex, "two\nlines\tand", "two lines and");
}
END_TEST

START_TEST(html)
{
    compare(sbmt_escape_html, "<a href=\"x\">&'</a>\1é\n\t.",
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt; é\n\t.");
}
END_TEST

START_TEST(markdown)
{
    compare(sbmt_escape_markdown, "a|b *c* _d_ `e` [f] <g> \\\nh",
            "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f] \\<g> \\\\ h");
}
END_TEST

START_TEST(csv)
{
    compare(sbmt_escape_csv, "plain", "plain");
    compare(sbmt_escape_csv, "a,b", "\"a,b\"");
    compare(sbmt_escape_csv, "say \"a\"\n", "\"say \"\"a\"\"\n\"");
}
END_TEST

SBMT_SUITE_MAIN("escape", latex, html, markdown, csv)
