from pathlib import Path

import pytest

from workbench import workload
from workbench.errors import BadInput


def test_unknown_kind_and_limit(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match='"csv" cannot be imported; choose one of squad, beir, jsonl, folder'):
        workload.import_from("csv", tmp_path)
    with pytest.raises(BadInput, match="--limit is 0"):
        workload.import_from("folder", tmp_path, limit=0)


@pytest.mark.parametrize("kind", workload.KINDS)
def test_a_source_that_is_not_there_or_of_another_kind(kind: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    for source in (tmp_path / "none", tmp_path / "photo.png", tmp_path, tmp_path / ("x" * 300)):
        with pytest.raises(BadInput) as caught:
            workload.import_from(kind, source)
        assert str(source) in str(caught.value)
        assert "\n" not in str(caught.value)
