"""Prints the same text with WeasyPrint and says how long it takes: one JSON line for the first paper (with the start of
the library), then one for each line that comes in.

Usage: weasyprint_bench.py PAGE.html. The page names its fonts by path; hyphenation and justification are on.
"""

import json
import resource
import sys
import time


def main() -> None:
    page = sys.argv[1]
    started = time.perf_counter()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    with open(page, encoding="utf-8") as file:
        text = file.read()

    def say(since: float) -> None:
        took = (time.perf_counter() - since) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"ms": took, "peak_mb": peak}), flush=True)

    weasyprint.HTML(string=text, base_url=page).write_pdf(font_config=fonts)
    say(started)
    for _ in sys.stdin:
        begun = time.perf_counter()
        weasyprint.HTML(string=text, base_url=page).write_pdf(font_config=fonts)
        say(begun)


main()
