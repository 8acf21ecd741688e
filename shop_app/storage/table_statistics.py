"""What the planner believes of the tables of facts."""

from sqlalchemy import Connection, text


def count_facts(connection: Connection) -> None:
    """Have the rows of the tables of facts counted anew; worth its second after many of them changed."""
    connection.execute(text("SELECT count_facts_for_planner()"))
