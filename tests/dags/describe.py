"""Load the DAGs as Airflow's DAG processor does and print them as JSON; run in a process of its own."""

import json
import sys
import warnings
from typing import Any


def main() -> None:
    """`python -m tests.dags.describe FOLDER`."""
    from airflow.dag_processing.dagbag import DagBag

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bag = DagBag(sys.argv[1])
    ours = [str(warning.message) for warning in caught if sys.argv[1] in str(warning.filename)]
    dags = {dag_id: describe(dag) for dag_id, dag in bag.dags.items()}
    print(json.dumps({"errors": bag.import_errors, "warnings": ours, "dags": dags}))


def describe(dag: Any) -> dict[str, Any]:
    """What a reader of Airflow's page sees."""
    return {
        "doc": dag.doc_md,
        "tags": sorted(dag.tags),
        "owners": sorted({task.owner for task in dag.tasks}),
        "retries": sorted({task.retries for task in dag.tasks}),
        "schedule": str(type(dag.timetable).__name__),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "follows": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
        "outlets": {task.task_id: sorted(asset.name for asset in task.outlets) for task in dag.tasks if task.outlets},
    }


if __name__ == "__main__":
    main()
