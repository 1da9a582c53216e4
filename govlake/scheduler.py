"""Talking to Airflow over its public API: start a run, wait for it, see what became of its tasks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from govlake.errors import StackError
from govlake.settings import settings

ADMIN = "admin"
FINAL = ("success", "failed")
PATIENCE_S = 90  # how long a question waits for an Airflow, or its database, that is being restarted


class AwayError(StackError):
    """Airflow does not answer, or cannot answer now; a moment later it may."""


class Scheduler:
    """Airflow of this home. One token per object; every refusal is a StackError that says what Airflow said."""

    def __init__(self) -> None:
        self.address = f"http://127.0.0.1:{settings().port('airflow')}"
        self._token = ""

    def start(self, dag_id: str, **params: str) -> str:
        """Start a run of `dag_id` with these parameters; returns the run's id."""
        body = {"logical_date": None, "conf": params}
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The newest runs of a DAG, newest first."""
        return self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=20")["dag_runs"]

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        return self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=500")["task_instances"]

    def wait(self, dag_id: str, run_id: str, patience_s: float = 1800) -> Iterator[tuple[int, int]]:
        """Yield (tasks finished, tasks in all) about once a second until the run has ended.

        Raises StackError where the run failed, with the tasks that failed, or did not end in time.
        """
        deadline = time.monotonic() + patience_s
        while True:
            state = self.state(dag_id, run_id)
            tasks = self.tasks(dag_id, run_id)
            yield sum(task["state"] in (*FINAL, "skipped", "upstream_failed") for task in tasks), len(tasks)
            if state == "success":
                return
            if state == "failed" or time.monotonic() > deadline:
                raise self._ended_badly(dag_id, run_id, state, tasks)
            time.sleep(1)

    def wait_until_known(self, dag_ids: list[str], patience_s: float = 180) -> None:
        """Wait until Airflow has read the DAG files; right after the first start it has not."""
        deadline = time.monotonic() + patience_s
        missing = dag_ids
        while missing:
            known = {dag["dag_id"] for dag in self._call("GET", "/api/v2/dags?limit=500")["dags"]}
            missing = [dag_id for dag_id in dag_ids if dag_id not in known]
            if missing and time.monotonic() > deadline:
                raise StackError(
                    f"Airflow does not know the DAG {missing[0]}: {self.import_errors() or 'no import error'}.",
                    "See `govlake logs airflow-dag-processor`.",
                )
            time.sleep(1 if missing else 0)

    def import_errors(self) -> str:
        """The DAG files that Airflow cannot read, empty where there are none."""
        errors = self._call("GET", "/api/v2/importErrors")["import_errors"]
        return "; ".join(f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in errors)

    def follow(self, dag_id: str, settled: Callable[[], bool], patience_s: float = 900) -> Iterator[str]:
        """Yield the newest state of a DAG that starts by itself, about once a second, until `settled` is true.

        Raises StackError where its newest run failed, or nothing settled in time.
        """
        deadline = time.monotonic() + patience_s
        while not settled():
            runs = self.runs(dag_id)
            busy = [run for run in runs if run["state"] not in FINAL]
            if runs and not busy and runs[0]["state"] == "failed":
                run_id = runs[0]["dag_run_id"]
                raise self._ended_badly(dag_id, run_id, "failed", self.tasks(dag_id, run_id))
            if time.monotonic() > deadline:
                raise StackError(f"{dag_id} did not finish in time.", f"See it at {self.address}/dags/{dag_id}.")
            yield busy[0]["state"] if busy else "waiting"
            time.sleep(1)

    def _ended_badly(self, dag_id: str, run_id: str, state: str, tasks: list[dict[str, Any]]) -> StackError:
        failed = ", ".join(task["task_id"] for task in tasks if task["state"] == "failed") or "none yet"
        said = "failed" if state == "failed" else f"is still {state}"
        return StackError(
            f"The run {run_id} of {dag_id} {said}; failed tasks: {failed}.",
            f"Read the task's log at {self.address}/dags/{dag_id}/runs/{run_id}.",
        )

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self._token:
            sign_in = {"username": ADMIN, "password": settings().secret("airflow_admin", 12)}
            self._token = self._send("POST", "/auth/token", sign_in)["access_token"]
        if method != "GET":
            return self._send(method, path, body)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._send(method, path, body)
            except AwayError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data=data, headers=headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except HTTPError as error:
            said = error.read().decode(errors="replace")[:200]
            kind = AwayError if error.code >= 500 else StackError
            raise kind(f"Airflow refused {method} {path}: {error.code} {said}.", "See `govlake doctor`.") from error
        except (URLError, TimeoutError, ConnectionError, HTTPException) as error:
            raise AwayError(
                f"Airflow at {self.address} does not answer: {error}.", "Start it with `govlake up`."
            ) from error
