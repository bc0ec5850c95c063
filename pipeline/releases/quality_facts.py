"""What a release carries of the quality of the fields behind it: facts of the night, no part of the version.

A version is its data, its request and its schemas; what was known of the fields when it was published stands
beside them, and changes nothing in them. So a night that measures otherwise makes no new version.
"""

from __future__ import annotations

from datetime import date

from pipeline.pages.field_facts import markdown
from pipeline.quality.export import parquet
from pipeline.releases.words import LANGUAGES
from pipeline.requests.preview import QualityFacts

FOLDER = "quality"


def quality_files(told: QualityFacts, as_of: date) -> dict[str, bytes]:
    """The files by path: a page in each language to read, and the same facts for programs."""
    pages = {
        f"{FOLDER}/quality.{language}.md": markdown(
            told.variables, told.fields, told.results, told.unfit, as_of, language
        ).encode()
        for language in LANGUAGES
    }
    tables = {"variables": told.variables, "fields": told.fields, "results": told.results}
    return pages | {f"{FOLDER}/{name}.parquet": parquet(frame) for name, frame in tables.items()}
