"""When things run: Airflow DAGs. Wiring only; every task calls a function of the rooms below."""
