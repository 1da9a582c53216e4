"""The SFTP connector against a real SSH server: patterns, pinned key, and files that change under our hands."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from govlake import landing, pipeline
from govlake.connectors import remote, sftp
from govlake.contracts import Contract
from govlake.errors import ConnectorError, DeliveryError, SettingsError
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.settings import settings
from tests.connectors.conftest import Contracts, drafts

pytestmark = pytest.mark.usefixtures("secrets")
DAY = date(2026, 9, 1)
HEAD = "id,topic,updated_at\n"


class Station:
    """An SSH server in a thread of its own, serving one folder to one account."""

    def __init__(self, root: Path) -> None:
        self.root, self.password, self.sign_ins = root, "s3cret-of-the-hotline", 0
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._do(self._listen(0))
        self.port = self.server.get_port()

    async def _listen(self, port: int) -> Any:
        station = self

        class Door(asyncssh.SSHServer):
            def connection_made(self, conn: Any) -> None:
                station.connection = conn

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                station.sign_ins += 1
                return (username, password) == ("reader", station.password)

        def jail(channel: Any) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=str(self.root))

        return await asyncssh.listen(
            "127.0.0.1", port, server_factory=Door, server_host_keys=[self.key], sftp_factory=jail
        )

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    @property
    def fingerprint(self) -> str:
        return self.key.get_fingerprint("sha256")

    def drop(self) -> None:
        """Cut the newest connection, as a server does that dies."""
        self.loop.call_soon_threadsafe(self.connection.abort)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)
        self._do(self.server.wait_closed())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    (tmp_path / "station" / "out").mkdir(parents=True)
    server = Station(tmp_path / "station")
    yield server
    server.stop()


def put(station: Station, name: str, content: str = HEAD + "1,noise,2026-09-01 08:00:00\n", age_s: float = 60) -> Path:
    file = station.root / "out" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    os.utime(file, (time.time() - age_s,) * 2)
    return file


def contract_of(
    contracts: Contracts, station: Station, path: str = "ticket_{date:%Y%m%d}.csv", **more: Any
) -> Contract:
    server = {"type": "sftp", "location": f"sftp://127.0.0.1:{station.port}/out/{path}", "format": "csv"}
    return contracts(server, **{"user": "reader", "secret": "hotline", "hostKey": station.fingerprint, **more})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("ticket_{date:%Y%m%d}.csv", "ticket_20260901.csv"),
        ("{date:%Y}/{date:%m}/ticket_{date:%d}_*.csv", "2026/09/ticket_01_a.csv"),
        ("{date:%Y%m%d}", "20260901/ticket.csv"),
        ("{date:%E}年{date:%-m}月.csv", "115年9月.csv"),
    ],
)
def test_files_are_found_as_in_a_folder(contracts: Contracts, station: Station, path: str, name: str) -> None:
    put(station, name)
    put(station, "other.csv")
    put(station, f"{name}.part")
    contract = contract_of(contracts, station, path)
    assert sftp.dates(contract) == [DAY]
    assert [file.name for file in sftp.find(contract, DAY)] == [name.rpartition("/")[2]]
    assert sftp.find(contract, date(2026, 9, 2)) == [] and sftp.dates(contract, date(2026, 8, 31)) == []


def test_a_fixed_path_is_the_delivery_of_its_last_change(contracts: Contracts, station: Station) -> None:
    file = put(station, "ticket.csv")
    os.utime(file, (1788192000, 1788192000))  # 2026-09-01 00:00 in Shanghai
    contract = contract_of(contracts, station, "ticket.csv")
    assert sftp.dates(contract) == [DAY]
    assert len(sftp.find(contract, DAY)) == 1 and sftp.find(contract, date(2026, 8, 31)) == []


def test_a_delivery_lands_byte_for_byte_with_its_source_and_what_is_beside_it(
    contracts: Contracts, station: Station
) -> None:
    file = put(station, "ticket_20260901.csv")
    put(station, "ticket_20260901.csv.rows", "1")
    landed = landing.land(contract_of(contracts, station), DAY)
    assert landing.landed_files(landed.batch)[0].read_bytes() == file.read_bytes()
    (known,) = landed.manifest.files
    assert known.source == f"sftp://127.0.0.1:{station.port}/out/ticket_20260901.csv"
    assert landed.manifest.declared == {"ticket_20260901.csv": {"rows": 1}}
    assert "s3cret" not in str(landing.load_manifest(landed.batch))


def test_a_wrong_host_key_stops_before_anything_is_sent(contracts: Contracts, station: Station) -> None:
    put(station, "ticket_20260901.csv")
    contract = contract_of(contracts, station, hostKey="SHA256:" + "A" * 43)
    with pytest.raises(ConnectorError, match=r"shows the key SHA256:.* the contract pins SHA256:AAAA"):
        sftp.find(contract, DAY)
    assert station.sign_ins == 0


def test_a_changed_password_is_one_sentence_and_is_not_tried_again(
    contracts: Contracts, station: Station, home: Path
) -> None:
    put(station, "ticket_20260901.csv")
    station.password = "another"
    with pytest.raises(SettingsError, match="does not let reader in with the secret hotline") as caught:
        sftp.find(contract_of(contracts, station), DAY)
    assert "GOVLAKE_SECRET_HOTLINE" in caught.value.remedy and "s3cret" not in str(caught.value)
    assert station.sign_ins == 1 and drafts(home) == []


def test_a_server_that_is_away_is_said(contracts: Contracts, station: Station, ledger: Ledger) -> None:
    contract = contract_of(contracts, station)
    away = contracts(
        {"type": "sftp", "location": "sftp://127.0.0.1:9/out/x_{date}.csv"},
        **{"user": "reader", "secret": "hotline", "hostKey": station.fingerprint, "since": "2026-09-01"},
    )
    with pytest.raises(ConnectorError, match=r"Hotline Office's SFTP server sftp://127.0.0.1:9 cannot be reached"):
        sftp.find(away, DAY)
    assert sftp.seen(away, DAY) == {DAY: None}  # what is due stands in, so that the run says what is wrong
    assert sftp.seen(contract) == {}


def test_a_file_still_being_uploaded_is_left_alone(contracts: Contracts, station: Station, home: Path) -> None:
    file = put(station, "ticket_20260901.csv", age_s=0)
    stop = threading.Event()

    def upload() -> None:
        while not stop.wait(0.05):
            with file.open("a") as target:
                target.write("2,more,2026-09-01 09:00:00\n")

    writer = threading.Thread(target=upload, daemon=True)
    writer.start()
    try:
        with pytest.raises(DeliveryError, match="still being written"):
            sftp.find(contract_of(contracts, station), DAY)
    finally:
        stop.set()
        writer.join()
    assert drafts(home) == []
    assert len(sftp.find(contract_of(contracts, station), DAY)) == 1


@pytest.mark.parametrize("skew_s", [-90_000, 90_000], ids=["our clock ahead", "our clock behind"])
def test_clocks_that_differ_do_not_matter(contracts: Contracts, station: Station, skew_s: float) -> None:
    put(station, "ticket_20260901.csv", age_s=skew_s)
    landed = landing.land(contract_of(contracts, station), DAY)
    assert landed.manifest.tables["hotline.ticket"].rows == 1


def during_first_chunk(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Do something once, when the first chunk of the first fetch has come."""
    chunks, done = sftp.Sftp.chunks, []

    def watched(self: sftp.Sftp, entry: remote.Entry, start: int) -> Iterator[bytes]:
        for chunk in chunks(self, entry, start):
            if not done:
                done.append(start)
                act()
            yield chunk

    monkeypatch.setattr(sftp.Sftp, "chunks", watched)
    monkeypatch.setattr(sftp, "CHUNK", 1 << 16)


BIG = HEAD + "".join(f"{n},noise,2026-09-01 08:00:00\n" for n in range(20_000))


def test_a_file_replaced_during_the_fetch_is_fetched_again(
    contracts: Contracts, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(station, "ticket_20260901.csv", BIG)
    during_first_chunk(monkeypatch, lambda: put(station, "ticket_20260901.csv", BIG.replace("noise", "light"), 30))
    (file,) = sftp.find(contract_of(contracts, station), DAY)
    assert file.read_text() == BIG.replace("noise", "light")


def test_a_file_cut_short_during_the_fetch_is_fetched_again(
    contracts: Contracts, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(station, "ticket_20260901.csv", BIG)
    during_first_chunk(monkeypatch, lambda: put(station, "ticket_20260901.csv", HEAD, 30))
    (file,) = sftp.find(contract_of(contracts, station), DAY)
    assert file.read_text() == HEAD


def test_a_connection_that_breaks_is_taken_up_where_it_was(
    contracts: Contracts, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(station, "ticket_20260901.csv", BIG)
    starts: list[int] = []
    chunks = sftp.Sftp.chunks

    def counted(self: sftp.Sftp, entry: remote.Entry, start: int) -> Iterator[bytes]:
        starts.append(start)
        yield from chunks(self, entry, start)

    monkeypatch.setattr(sftp.Sftp, "chunks", counted)
    during_first_chunk(monkeypatch, station.drop)
    (file,) = sftp.find(contract_of(contracts, station), DAY)
    assert file.read_text() == BIG
    assert starts[0] == 0 and starts[1] > 0


def test_pending_sees_what_is_new_and_what_changed(contracts: Contracts, station: Station, ledger: Ledger) -> None:
    contract = contract_of(contracts, station)
    put(station, "ticket_20260901.csv")
    assert pipeline.pending(contract) == [DAY]
    assert pipeline.ingest_step("land", contract, DAY).status == "done"
    assert not list((settings().home / "drafts").glob("*/*"))
    ledger.query("UPDATE ledger.batches SET finished_at = now(), status = 'unreadable'")
    assert pipeline.pending(contract) == []
    put(station, "ticket_20260901.csv", HEAD + "1,corrected,2026-09-01 08:00:00\n", age_s=30)
    assert pipeline.pending(contract) == [DAY]
    assert pipeline.ingest_step("land", contract, DAY).line.startswith("land hotline.ticket-20260901-r2")
    assert drafts(settings().home) == []


def test_a_source_that_is_away_holds_its_own_delivery_alone(contracts: Contracts, ledger: Ledger) -> None:
    server = {"type": "sftp", "location": "sftp://127.0.0.1:9/out/x_{date}.csv"}
    away = contracts(server, user="reader", secret="hotline", hostKey="SHA256:" + "A" * 43)
    lines: list[str] = []
    outcome = ingest(away, DAY, progress=lines.append)
    assert outcome.status == "held" and "cannot be reached" in lines[-1]


def test_probe_says_what_is_there(contracts: Contracts, station: Station) -> None:
    contract = contract_of(contracts, station)
    with pytest.raises(ConnectorError, match="has no file like /out/ticket_"):
        list(sftp.probe(contract))
    put(station, "ticket_20260901.csv")
    assert "the newest is 2026-09-01: ticket_20260901.csv" in list(sftp.probe(contract))[1]
