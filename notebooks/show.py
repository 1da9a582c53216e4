"""Run notebooks against the edition that is shown and write them as pages: `make notebooks`.

A notebook is a script of cells (`# %%`), which editors open as a notebook; what it shows is kept in the home alone.
"""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govlake.errors import GovlakeError
from govlake.settings import settings

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = Path(__file__).parent
AT_ONCE, LIMIT_S = 2, 120


def notebooks() -> list[Path]:
    """Every notebook of this folder: the scripts that begin with a cell."""
    return [file for file in sorted(FOLDER.glob("*.py")) if file.read_text(encoding="utf-8").startswith("# %%")]


def executed(file: Path) -> "NotebookNode":
    """The notebook with what its cells show. Raises GovlakeError with the cell's own sentence where one fails."""
    import jupytext
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from traitlets.config import Config

    notebook = jupytext.read(file, fmt="py:percent")
    private = Config({"AsyncKernelManager": {"transport_encryption": "required"}})  # a kernel listens on loopback ports
    place = {"metadata": {"path": FOLDER}}
    client = NotebookClient(notebook, timeout=LIMIT_S, kernel_name="python3", resources=place, config=private)
    try:
        client.execute()
    except CellExecutionError as error:
        raise GovlakeError(
            f"{file.name} stopped: {error.evalue}", "Mend that, or open the notebook in an editor."
        ) from error
    except (CellTimeoutError, RuntimeError) as error:
        raise GovlakeError(f"{file.name} did not come to its end ({error}).", "Run it again.") from error
    return notebook


def page(notebook: "NotebookNode", title: str) -> str:
    """The notebook as one HTML page that needs nothing from outside; its code is folded away."""
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter(template_name="basic", exclude_input=True)
    body, _ = exporter.from_notebook_node(notebook)
    return PAGE.format(title=title, body=body)


PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>{title}</title>
<style>body {{ max-width: 62rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 sans-serif; color: #22313f }}
img {{ max-width: 100% }} code {{ background: #f0f2f4; padding: 0 .2em }}</style>{body}</html>
"""


def each(files: Sequence[Path]) -> Iterator[tuple[Path, "NotebookNode | GovlakeError"]]:
    """Every notebook with what it shows, or with the error that stopped it; some run side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for file, work in [(file, pool.submit(executed, file)) for file in files]:
            try:
                yield file, work.result()
            except GovlakeError as error:
                yield file, error


def main(names: Sequence[str]) -> int:
    """Write the pages of the notebooks named, or of all. Returns 1 where one of them failed."""
    folder = settings().private("notebooks")
    failed = 0
    for file, found in each([file for file in notebooks() if not names or file.stem in names]):
        if isinstance(found, GovlakeError):
            failed = 1
            print(f"{file.stem}: {found}", file=sys.stderr)
            continue
        target = folder / f"{file.stem}.html"
        target.write_text(page(found, file.stem), encoding="utf-8")
        print(f"{file.stem}: {target}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
