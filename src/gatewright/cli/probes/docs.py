"""What is for developers and operators, and open to everybody."""

from __future__ import annotations

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "docs"


async def probe(site: Site) -> list[Finding]:
    """The document, its page, and metrics."""
    documents = dict.fromkeys([site.call("/openapi.json"), "/openapi.json"])
    opened = [path for path in documents if _is_document(await site.get(path))]
    opened += [path for path in ("/docs", "/redoc") if _is_page(await site.get(path))]
    mend = "In production, leave GATEWRIGHT_DOCS__ENABLED out, or set it to false."
    problems = [f"{path} is open. {mend}" for path in opened]
    metrics = await site.get("/metrics")
    if metrics.status == 200 and "# TYPE " in metrics.text:
        problems.append("/metrics is open. Keep its listener where only your own network reaches it.")
    return judged(CHECK, problems, otherwise="no document and no metrics are open")


def _is_page(answer: Answer) -> bool:
    # Apps for browsers answer every path with a page of their own.
    text = answer.text.lower()
    return answer.status == 200 and ("swagger" in text or "redoc" in text)


def _is_document(answer: Answer) -> bool:
    body = answer.json
    return answer.status == 200 and isinstance(body, dict) and ("openapi" in body or "swagger" in body)
