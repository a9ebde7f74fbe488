/* HTML pages that need nothing but themselves. */
#include "bench/page.h"

#include <string.h>

#include "bench/escape.h"

static const char style[] =
    ":root{color-scheme:light dark;--back:#fdfdfc;--text:#1d1f21;--faint:#5f6670;--line:#d9dce0;"
    "--card:#f4f5f6;--warn:#8a4b00;--warn-back:#fff4e0;--link:#0a58a6}\n"
    "@media (prefers-color-scheme:dark){:root{--back:#15171a;--text:#e6e7e9;--faint:#9aa2ad;"
    "--line:#363b42;--card:#1e2125;--warn:#ffc98a;--warn-back:#3a2a14;--link:#7cb8f2}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:76rem;padding:1rem clamp(.8rem,3vw,2rem) "
    "4rem;background:var(--back);"
    "color:var(--text);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0 1rem}h2{font-size:1.25rem;margin:2.2rem 0 "
    ".6rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}\n"
    "a{color:var(--link)}:focus-visible{outline:2px solid var(--link);outline-offset:2px}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;margin:0}\n"
    ".scroll{overflow-x:auto;margin:.5rem 0}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);"
    "white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}\n"
    "tr>:first-child:not([colspan]){position:sticky;left:0;background:var(--back)}\n"
    "thead th{vertical-align:bottom}thead .group{text-align:center}\n"
    "tbody th{font-weight:400}tbody .section th{color:var(--faint);font-style:italic;"
    "padding-top:.9rem;text-align:left}\n"
    ".section span{display:inline-block;position:sticky;left:.7rem;max-width:80vw;"
    "white-space:normal}\n"
    "th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid "
    "var(--link)}\n"
    "th[aria-sort=ascending] button::after{content:' \\25B2'}"
    "th[aria-sort=descending] button::after{content:' \\25BC'}\n"
    ".best{font-weight:700}.second{text-decoration:underline}\n"
    ".notes{color:var(--faint);font-size:.85rem;padding-left:1.1rem;max-width:60rem}\n"
    ".warning{background:var(--warn-back);color:var(--warn);border-left:.25rem solid;padding:.5rem "
    ".8rem;margin:.5rem 0;overflow-wrap:anywhere}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));"
    "gap:1rem}\n"
    "figure{margin:0;background:var(--card);border:1px solid "
    "var(--line);border-radius:.4rem;padding:"
    ".6rem}figure svg{display:block;width:100%;height:auto}\n"
    "details{border-bottom:1px solid var(--line);padding:.4rem "
    "0}summary{cursor:pointer;overflow-wrap:"
    "anywhere}\n"
    "details .figures{margin-top:.6rem}\n"
    "pre{background:var(--card);padding:.7rem;overflow-x:auto;font-size:.8rem;line-height:1.4}\n"
    "@media (max-width:40rem){tr>:first-child:not([colspan]){white-space:normal;min-width:6rem;"
    "max-width:11rem;overflow-wrap:break-word}thead .group{text-align:left}}\n"
    "@media print{details:not([open])>*{display:block}th button::after{content:''!important}}\n";

/* Rows move within their part of the table; the title of a part stays on top of it. Numbers sort by
 * what stands in data-value, empty cells last whichever the direction. */
static const char script[] =
    "for (const table of document.querySelectorAll('table.sortable')) {\n"
    "  const heads = [...table.querySelectorAll('thead tr:last-child th')];\n"
    "  heads.forEach((head, column) => {\n"
    "    const button = document.createElement('button');\n"
    "    button.type = 'button';\n"
    "    button.append(...head.childNodes);\n"
    "    head.append(button);\n"
    "    button.addEventListener('click', () => {\n"
    "      const falls = head.getAttribute('aria-sort') === 'descending' ||\n"
    "        (column === 0 && head.getAttribute('aria-sort') !== 'ascending');\n"
    "      const sign = falls ? 1 : -1;\n"
    "      for (const other of heads) other.removeAttribute('aria-sort');\n"
    "      head.setAttribute('aria-sort', falls ? 'ascending' : 'descending');\n"
    "      const key = row => {\n"
    "        const cell = row.children[column];\n"
    "        return column === 0 ? cell.textContent : parseFloat(cell.dataset.value);\n"
    "      };\n"
    "      const compare = (a, b) => {\n"
    "        const x = key(a), y = key(b);\n"
    "        if (column === 0) return sign * x.localeCompare(y);\n"
    "        return Number.isNaN(x) - Number.isNaN(y) || sign * (x - y) || 0;\n"
    "      };\n"
    "      for (const part of table.tBodies) {\n"
    "        const rows = [...part.rows].filter(row => row.className !== 'section');\n"
    "        part.append(...rows.sort(compare));\n"
    "      }\n"
    "    });\n"
    "  });\n"
    "}\n";

void sbmt_page_begin(const char *title, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                         "<link rel=\"icon\" href=\"data:,\">\n");
    sbmt_page_element("title", title, out);
    sbmt_str_printf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
    sbmt_page_element("h1", title, out);
}

void sbmt_page_end(struct sbmt_str *out)
{
    sbmt_str_printf(out, "<script>\n%s</script>\n</body>\n</html>\n", script);
}

void sbmt_page_element(const char *tag, const char *text, struct sbmt_str *out)
{
    sbmt_str_printf(out, "<%s>", tag);
    sbmt_escape_html(text, out);
    sbmt_str_printf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}
