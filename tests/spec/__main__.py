"""`python -m tests.spec` writes the manual."""

from pathlib import Path

from tests.spec.examples import CHAPTERS
from tests.spec.manual import manual

README = Path(__file__).parent / "README.md"

if __name__ == "__main__":
    README.write_text(manual(CHAPTERS), encoding="utf-8")
