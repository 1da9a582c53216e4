"""`govlake contracts html`: a page per contract and an index, readable without a network.

The pages are datacontract-cli's. It loads a diagram library and icons from other sites when a page is viewed; those
parts are taken out, so that a page shows the same on a closed network and tells nobody that it was opened.
"""

import re
from pathlib import Path
from types import SimpleNamespace

from govlake.contracts.document import plain_text
from govlake.contracts.load import contract_files, load_contract
from govlake.errors import ContractError

# Elements that fetch something from elsewhere when the page is viewed.
FOREIGN = (
    re.compile(r"<section id=\"diagram\">.*?</section>", re.S),
    re.compile(r"<script[^>]*\bsrc=\"https?://[^\"]*\"[^>]*>\s*</script>", re.S),
    re.compile(r"<script[^>]*>(?:(?!</script>).)*?https?://(?:(?!</script>).)*?</script>", re.S),
    re.compile(r"<object[^>]*\bdata=\"https?://[^\"]*\"[^>]*>\s*</object>", re.S),
    re.compile(r"<img[^>]*\bsrc=\"https?://[^\"]*\"[^>]*>", re.S),
    re.compile(r"<link[^>]*\bhref=\"https?://[^\"]*\"[^>]*>", re.S),
)


def write_pages(path: Path, out: Path) -> list[Path]:
    """Write the page of every contract at `path` (a file or a pack) and an index below `out`; returns all files."""
    files = [path] if path.is_file() else contract_files(path)
    if not files:
        raise ContractError(f"The pack {path} holds no contract.", "Add one YAML per dataset: docs/add_a_dataset.md.")
    root = path.parent if path.is_file() else path
    out.mkdir(parents=True, exist_ok=True)
    views, written = [], []
    for file in files:
        link = file.relative_to(root).with_suffix(".html")
        target = out / link
        target.parent.mkdir(parents=True, exist_ok=True)
        document, text = _page(file)
        target.write_text(without_foreign(text), encoding="utf-8")
        views.append(SimpleNamespace(link=link, document=document))
        written.append(target)
    return [*written, _index(out, views)]


def without_foreign(text: str) -> str:
    """The page without anything that would be fetched from another site. Links stay links."""
    for pattern in FOREIGN:
        text = pattern.sub("", text)
    return text


def _page(file: Path) -> tuple:
    from datacontract.data_contract import DataContract
    from datacontract.model.exceptions import DataContractException

    load_contract(file)
    try:
        contract = DataContract(data_contract_str=plain_text(file), inline_references=False)
        return contract.get_data_contract(), str(contract.export(export_format="html"))  # type: ignore[arg-type]
    except DataContractException as error:
        remedy = f"See `govlake contracts check {file}`."
        raise ContractError(f"{file} cannot be shown: {error.reason}.", remedy) from error


def _index(out: Path, views: list[SimpleNamespace]) -> Path:
    from datacontract.catalog.catalog import DataContractView, create_index_html

    contracts = [DataContractView(out / view.link, view.link, view.document) for view in views]
    with _quiet():
        create_index_html(contracts, out)
    index = out / "index.html"
    index.write_text(without_foreign(index.read_text(encoding="utf-8")), encoding="utf-8")
    return index


def _quiet():
    import contextlib
    import io

    return contextlib.redirect_stdout(io.StringIO())
