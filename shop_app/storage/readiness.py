"""Is the database there, and is it of the shape that this code expects? Asked by ``/readyz``."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shop_app.errors import StartRefusedError
from shop_app.storage.engine import shopless
from shop_app.storage.migrate import current_revision, newest_revision


def database_trouble() -> str:
    """Return what keeps the database from being used, in words, or an empty string."""
    try:
        with shopless() as connection:
            connection.execute(text("SELECT 1"))
    except StartRefusedError as error:
        return str(error)
    except SQLAlchemyError:
        return "The database does not answer."
    return ""


def migration_trouble() -> str:
    """Return how the tables differ from what this code expects, or an empty string."""
    try:
        current, newest = current_revision(), newest_revision()
    except StartRefusedError as error:
        return str(error)
    except SQLAlchemyError:
        return "The database does not answer."
    if current == newest:
        return ""
    return f"The tables are at migration {current or 'none'}, this code needs {newest}: run `kindred migrate`."
