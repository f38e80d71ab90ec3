"""Prints the same text with WeasyPrint and says how long it takes and how much memory: one JSON line.

Usage: weasyprint_bench.py PAGE.html TIMES. The page names its fonts by path; hyphenation and justification are on.
"""

import json
import resource
import sys
import time


def main() -> None:
    page, times = sys.argv[1], int(sys.argv[2])
    started = time.perf_counter()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    with open(page, encoding="utf-8") as file:
        text = file.read()

    def printed() -> bytes:
        return weasyprint.HTML(string=text, base_url=page).write_pdf(font_config=fonts)

    pages = len(weasyprint.HTML(string=text, base_url=page).render(font_config=fonts).pages)
    cold = time.perf_counter() - started
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        printed()
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cold_ms": cold * 1000, "warm_ms": took[len(took) // 2], "peak_mb": most, "pages": pages}))


main()
