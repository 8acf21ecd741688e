"""Shops by their domain: the one table that is read before a shop is known."""

from sqlalchemy import Connection, text


def plain_domain(domain: str) -> str:
    """Return a domain, or the name that stands in for one, as it is stored."""
    return " ".join(domain.split()).lower()


def find_id(connection: Connection, domain: str) -> int | None:
    """Return the id of the shop of this domain, or ``None``."""
    found = connection.execute(
        text("SELECT id FROM shops WHERE domain = :domain"), {"domain": plain_domain(domain)}
    ).scalar()
    return None if found is None else int(found)


def create(connection: Connection, domain: str) -> int | None:
    """Add a shop and give the rest of this transaction to it; ``None`` where the domain is taken."""
    found = connection.execute(
        text("INSERT INTO shops (domain) VALUES (:domain) ON CONFLICT (domain) DO NOTHING RETURNING id"),
        {"domain": plain_domain(domain)},
    ).scalar()
    if found is None:
        return None
    connection.execute(text("SELECT set_config('app.shop_id', :shop, true)"), {"shop": str(found)})
    return int(found)


def list_active(connection: Connection) -> list[tuple[int, str]]:
    """Return every shop that has the app, by id, with its domain; those that are frozen or cut off too."""
    rows = connection.execute(text("SELECT id, domain FROM shops WHERE state <> 'uninstalled' ORDER BY id"))
    return [(int(row.id), str(row.domain)) for row in rows]


def domain_of(connection: Connection, shop_id: int) -> str:
    """Return a shop's domain."""
    found = connection.execute(text("SELECT domain FROM shops WHERE id = :id"), {"id": shop_id}).scalar_one()
    return str(found)


def lock(connection: Connection, shop_id: int) -> None:
    """Keep everybody else from changing this shop's row until the commit; references to it go on."""
    connection.execute(text("SELECT id FROM shops WHERE id = :id FOR NO KEY UPDATE"), {"id": shop_id})


def set_state(connection: Connection, shop_id: int, state: str) -> None:
    """Say whether work is done for a shop: ``active``, ``uninstalled``, ``frozen`` or ``reconnect``."""
    connection.execute(
        text("UPDATE shops SET state = :state WHERE id = :id AND state <> :state"),
        {"id": shop_id, "state": state},
    )


def list_ids(connection: Connection) -> list[int]:
    """Return every shop's id, the ones that left too: their data is still ours to guard."""
    return [int(found) for found in connection.execute(text("SELECT id FROM shops ORDER BY id")).scalars()]
